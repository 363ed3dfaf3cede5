import { Ajv2020 } from 'ajv/dist/2020.js'
import ajvFormats from 'ajv-formats'
import type { FastifyInstance, InjectOptions, LightMyRequestResponse } from 'fastify'
import { API } from './helper.js'

interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, OperationObject>>>>
}

interface OperationObject {
  readonly responses: Readonly<Record<string, { readonly content: Readonly<Record<string, unknown>> }>>
}

/** Says how a reply differs from the API's description; undefined when it does not. */
export type DocumentCheck = (request: InjectOptions, reply: LightMyRequestResponse) => string | undefined

/** Checks replies against the service's own description. */
export async function documentCheck(
  app: FastifyInstance,
  headers: Record<string, string> = API.headers,
): Promise<DocumentCheck> {
  const document: OpenApi = (await app.inject({ url: '/openapi.json', headers })).json()
  const ajv = new Ajv2020({ strict: false })
  ajvFormats.default(ajv)
  ajv.addSchema(document, 'api')
  const paths = Object.keys(document.paths).map((path) => ({
    path,
    pattern: new RegExp(`^${path.replaceAll(/\{\w+\}/g, '[^/]+')}$`),
  }))

  return ({ method = 'GET', url }, reply) => {
    const [pathname = ''] = String(url).split('?')
    const matching = paths.filter(({ pattern }) => pattern.test(pathname))
    const { path } = matching.find(({ path }) => path === pathname) ?? matching[0] ?? {}
    const name = method.toLowerCase()
    const operation = path === undefined ? undefined : document.paths[path]?.[name]
    const what = `${method} ${pathname}: ${reply.statusCode}`
    if (path === undefined || !operation) return `${what}: there is no such operation`
    const type = String(reply.headers['content-type']).replace('; charset=utf-8', '')
    if (!operation.responses[reply.statusCode]?.content[type]) return `${what} ${type} is not there`
    const pointer = ['paths', path, name, 'responses', String(reply.statusCode), 'content', type, 'schema']
    const isValid = ajv.getSchema(`api#/${pointer.map(escaped).join('/')}`)
    if (!isValid) return `${what} has no schema`
    return isValid(reply.json()) ? undefined : `${what}: ${reply.body} ${ajv.errorsText(isValid.errors)}`
  }
}

/** The same for many services whose descriptions do not differ: made once, from the first. */
export function documentCheckOnce(): typeof documentCheck {
  let check: Promise<DocumentCheck> | undefined
  return (app) => {
    check ??= documentCheck(app)
    return check
  }
}

function escaped(part: string): string {
  return encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'))
}
