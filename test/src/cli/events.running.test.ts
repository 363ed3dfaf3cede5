import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Webhook } from 'standardwebhooks'
import { type Test, test } from 'tap'
import { cli } from '../../cli-helper.js'
import { API, build } from '../../helper.js'
import { codeBlocks, readPage } from '../../markdown.js'

const [RIDER, DRIVER] = ['919800000001', '919800000002']
/** How often the command may look before it is interrupted. */
const MAX_LOOKS = 500

interface Received {
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** The server of a developer, on this machine. */
async function startHook(t: Test) {
  const received: Received[] = []
  const server = createServer(async (request, reply) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const body = Buffer.concat(chunks).toString()
    received.push({ path: String(request.url), headers: request.headers, body })
    reply.writeHead(204).end()
  })
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { port: (server.address() as AddressInfo).port, received }
}

/** What the page tells to type, as arguments, with the port of the hook in place of the one that it names. */
function commandOf(page: string, port: number): string[] {
  const block = codeBlocks(readPage(page).text).find((one) => one.includes('events listen')) ?? ''
  const [, line = ''] = /npx callmask (events listen .+)/.exec(block) ?? []
  const [command = ''] = line.split(' --url')
  return command.trim().replace(':3000', `:${port}`).split(' ')
}

for (const page of ['README.md', 'docs/events.md']) {
  test(`what ${page} says brings a simulated call to a hook on this machine, signed`, async (t) => {
    const { app } = await build(t, API.environment)
    await app.listen({ host: '127.0.0.1', port: 0 })
    const url = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`
    const { port, received } = await startHook(t)
    const typesOf = () => received.map(({ body }) => String(JSON.parse(body).type))

    async function callByRider(): Promise<void> {
      const opened = await fetch(`${url}/v1/sessions`, {
        method: 'POST',
        headers: { ...API.headers, 'content-type': 'application/json' },
        body: JSON.stringify({ participants: [{ number: `+${RIDER}` }, { number: `+${DRIVER}` }] }),
      })
      const { participants } = (await opened.json()) as { participants: { masking_number: string }[] }
      const to = String(participants[0]?.masking_number)
      const called = await cli(['call', '--from', RIDER, '--to', to, '--url', url], API.environment)
      t.match(called, { code: 0, out: DRIVER })
    }

    let looks = 0
    let interrupt: () => void = () => undefined
    const interrupted = new Promise<void>((resolve) => {
      interrupt = resolve
    })
    const { code, out } = await cli([...commandOf(page, port), '--url', url], API.environment, {
      untilInterrupted: () => interrupted,
      async sleep() {
        looks += 1
        if (looks === 1) await callByRider()
        if (typesOf().includes('call.started') || looks === MAX_LOOKS) interrupt()
      },
    })

    t.equal(code, 0)
    t.same(typesOf(), ['session.opened', 'call.started'])
    const [, secret = ''] = /^secret (whsec_\S+)$/m.exec(out) ?? []
    for (const { path, headers, body } of received) {
      t.equal(path, '/hook')
      t.match(new Webhook(secret).verify(body, headers as Record<string, string>), { data: { version: 1 } })
      t.throws(() => new Webhook(secret).verify(`${body} `, headers as Record<string, string>))
    }
    t.notMatch(JSON.stringify(received) + out, /9800000001|9800000002/, 'and no real number')
  })
}
