import type { FastifyPluginAsync } from 'fastify'
import { type DocsFile, docsPage, readDocsFiles } from '../src/api/docs-page.js'

/** Where the page for people is. */
const PAGE = '/docs'

/** The description of the API: `/openapi.json` for programs, `/docs` for people. All of it is made once and sent from memory. */
const docs: FastifyPluginAsync = async (app) => {
  const json = once(() => ({
    type: 'application/json; charset=utf-8',
    body: Buffer.from(JSON.stringify(app.swagger())),
  }))
  const yaml = once(() => ({ type: 'application/x-yaml', body: Buffer.from(app.swagger({ yaml: true })) }))

  send('/openapi.json', json)
  send(`${PAGE}/json`, json)
  send(`${PAGE}/yaml`, yaml)
  for (const [path, base] of [
    [PAGE, `.${PAGE}`],
    [`${PAGE}/`, '.'],
  ] as const) {
    const page = docsPage(base)
    send(path, () => page)
  }
  for (const [path, file] of await readDocsFiles()) send(`${PAGE}/${path}`, () => file)

  function send(path: string, file: () => DocsFile): void {
    app.get(path, { schema: { hide: true } }, (_request, reply) => {
      const { type, body } = file()
      return reply.type(type).send(body)
    })
  }
}

/** Makes it when it is first asked for: before the start is over, not all routes are known. */
function once(make: () => DocsFile): () => DocsFile {
  let made: DocsFile | undefined
  return () => {
    made ??= make()
    return made
  }
}

export default docs
