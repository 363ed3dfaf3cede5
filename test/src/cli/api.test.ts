import { fastify } from 'fastify'
import { type Test, test } from 'tap'
import { cli, fetchWith, PUBLIC } from '../../cli-helper.js'
import { PAIR } from '../../fixtures.js'
import { build } from '../../helper.js'

const KEY = 'a-key-of-more-than-128-bits'
const LIST = ['sessions', 'list', '--url', PUBLIC]
const EXPLAIN = ['explain', '--from', PAIR.FE, '--to', PAIR.M1, '--url', PUBLIC]

/** A world in which every request gets the same reply and is recorded. */
function answering(reply: () => Response) {
  const requests: { url: string; init: RequestInit | undefined }[] = []
  const fetch = async (url: unknown, init?: RequestInit) => {
    requests.push({ url: String(url), init })
    return reply()
  }
  return { requests, world: { fetch } }
}

const emptyPage = () => Response.json({ sessions: [], next_cursor: null })

test('an invalid address or key is one line that says what to do, and nothing is sent', async (t) => {
  const address = /^error: the address is not valid: --url takes an https URL .*\n$/
  const keys = /^error: API_KEYS is missing or not valid: .*\n$/
  const cases: [Record<string, string>, string[], RegExp][] = [
    [{}, [], keys],
    [{ API_KEYS: '' }, [], keys],
    [{ API_KEYS: 'short' }, [], keys],
    [{ API_KEYS: `${KEY},schlüssel` }, [], keys],
    [{ API_KEYS: KEY }, ['--url', 'mask.example.com'], address],
    [{ API_KEYS: KEY }, ['--url', 'http://mask.example.com'], address],
    [{ API_KEYS: KEY }, ['--url', `${PUBLIC}?x=1`], address],
    [{ API_KEYS: KEY, PORT: 'x' }, [], address],
  ]
  for (const [environment, options, message] of cases) {
    const { requests, world } = answering(emptyPage)
    const { code, out, err } = await cli(['sessions', 'list', ...options], environment, world)
    t.equal(code, 2, `${JSON.stringify(environment)} ${options.join(' ')}`)
    t.match(err, message)
    t.equal(out, '')
    t.same(requests, [])
  }
})

test('a command asks the local instance, or the one at --url, with the first key', async (t) => {
  const cases: [Record<string, string>, string[], string][] = [
    [{}, [], 'http://127.0.0.1:8001/v1/sessions?'],
    [{ PORT: '' }, [], 'http://127.0.0.1:8001/v1/sessions?'],
    [{ PORT: '9000' }, [], 'http://127.0.0.1:9000/v1/sessions?'],
    [{ PORT: '9000', ADMIN_PORT: '9001' }, [], 'http://127.0.0.1:9001/v1/sessions?'],
    [{ PORT: '9000', ADMIN_PORT: '' }, [], 'http://127.0.0.1:9000/v1/sessions?'],
    [{ PORT: '9000' }, ['--url', `${PUBLIC}/`], `${PUBLIC}/v1/sessions?`],
    [{}, ['--url', `${PUBLIC}/below`], `${PUBLIC}/below/v1/sessions?`],
  ]
  for (const [environment, options, url] of cases) {
    const { requests, world } = answering(emptyPage)
    const API_KEYS = ` ${KEY} , another-${KEY}`
    const { code } = await cli(['sessions', 'list', ...options], { API_KEYS, ...environment }, world)
    t.equal(code, 0)
    t.match(requests, [{ url, init: { method: 'GET', headers: { authorization: `Bearer ${KEY}` } } }])
    t.equal(requests.length, 1)
  }
})

/** A server on a loopback port that redirects every request, and records those that follow. */
async function redirecting(t: Test) {
  const arrived: string[] = []
  const server = fastify({ forceCloseConnections: true })
  t.teardown(() => server.close())
  server.get('/v1/sessions', (_request, reply) => reply.redirect('/elsewhere', 307))
  server.get('/elsewhere', async ({ url }) => arrived.push(url))
  return { url: await server.listen({ port: 0, host: '127.0.0.1' }), arrived }
}

test('the key does not follow a redirect', async (t) => {
  const { url, arrived } = await redirecting(t)
  const { code, err } = await cli(['sessions', 'list', '--url', url], { API_KEYS: KEY })
  t.equal(code, 2)
  t.match(err, 'error: something else than callmask answers there (status 307): check --url')
  t.same(arrived, [])
})

test('no answer, or a late one, is one line', async (t) => {
  const nothing = /^error: nothing answers there: start the service with `npx callmask serve`, .*\n$/
  const server = fastify()
  const closed = await server.listen({ port: 0, host: '127.0.0.1' })
  await server.close()
  t.match(await cli(['sessions', 'list', '--url', closed], { API_KEYS: KEY }), { code: 2, err: nothing })

  const limits = t.capture(AbortSignal, 'timeout', () => AbortSignal.abort())
  const { url } = await redirecting(t)
  t.match(await cli(['sessions', 'list', '--url', url], { API_KEYS: KEY }), { code: 2, err: nothing })
  t.match(limits(), [{ args: [10_000] }])
})

test('a reply that the API did not write is not taken for an answer', async (t) => {
  const cases: [() => Response, RegExp][] = [
    [
      () => new Response('<html>'),
      /^error: something else than callmask answers there \(status 200\): .*\n$/,
    ],
    [() => new Response('<html>', { status: 502 }), /^error: something else .* \(status 502\): .*\n$/],
    [
      () => Response.json({ sessions: [] }, { status: 302 }),
      /^error: something else .* \(status 302\): .*\n$/,
    ],
    [() => Response.json({ title: 'x' }, { status: 500 }), /^error: something else .* \(status 500\): .*\n$/],
    [
      () => new Response('', { status: 500, headers: { 'content-type': 'application/problem+json' } }),
      /^error: something else .* \(status 500\): .*\n$/,
    ],
  ]
  for (const [reply, message] of cases) {
    const { code, out, err } = await cli([...LIST, '--json'], { API_KEYS: KEY }, answering(reply).world)
    t.equal(code, 2)
    t.match(err, message)
    t.equal(out, '')
  }
})

test('a command says when the instance has no API', async (t) => {
  const { app } = await build(t)
  const { code, err } = await cli(LIST, { API_KEYS: KEY }, { fetch: fetchWith(app) })
  t.equal(code, 2)
  t.equal(err, 'error: the instance there has no management API: start it with API_KEYS or API_KEY_HASHES\n')
})

test('a problem is shown in words, and with --json as it was received', async (t) => {
  const { app } = await build(t, { API_KEYS: KEY })
  const world = { fetch: fetchWith(app) }
  const environment = { API_KEYS: `other-${KEY}` }

  const words = await cli(EXPLAIN, environment, world)
  t.equal(words.code, 1)
  t.equal(words.out, '')
  t.match(words.err, /^error: No valid API key\. The service does not know the key\. .*\n$/)

  const json = await cli([...EXPLAIN, '--json'], environment, world)
  t.equal(json.code, 1)
  t.equal(json.err, words.err)
  t.match(JSON.parse(json.out), { status: 401, code: 'unauthorized', title: 'No valid API key' })
})

test('a problem names the fields that are wrong', async (t) => {
  const { app } = await build(t, { API_KEYS: KEY })
  const { code, err } = await cli([...LIST, '--limit', '0'], { API_KEYS: KEY }, { fetch: fetchWith(app) })
  t.equal(code, 1)
  t.match(err, /^error: .*\n {2}limit must be >= 1\n$/)
})

test('no error message repeats a number that was typed', async (t) => {
  const [fe, customer] = ['+91 77777 00001', '+917777700002']
  const create = ['sessions', 'create', '--url', PUBLIC, '--first', fe, '--second', customer]
  const { app } = await build(t, { API_KEYS: KEY, MASKING_NUMBERS: '+919000000003' })
  const commands = [
    [...create, '--external-id', customer],
    [...create, '--expires-in', customer],
    [...create, '--expires-in', '1'],
    [...create, '--unknown', fe],
    [...create, fe],
    [...create, '--second', fe],
    [...create, '--second', '+91 77777 0000'],
    ['sessions', 'create', `--frist=${fe}`],
    ['sessions', fe],
    ['sessions', 'list', '--status', fe],
    ['sessions', 'list', '--limit', fe],
    ['sessions', 'show', customer, '--url', PUBLIC],
    ['explain', '--from', fe, '--to', 'x'.repeat(101), '--url', PUBLIC],
    ['explain', '--from', fe, '--to', customer, '--url', customer],
    ['simulate', '--from', fe, '--to', 'x'.repeat(101), '--url', PUBLIC],
    ['simulate', '--session', fe, '--caller', '0', '--ahead', customer],
    [fe],
  ]
  for (const command of commands) {
    for (const format of [[], ['--json']]) {
      const run = await cli([...command, ...format], { API_KEYS: KEY }, { fetch: fetchWith(app) })
      t.not(run.code, 0, command.join(' '))
      t.match(run.err, /^error: /)
      t.notMatch(run.out + run.err, /7{5}/)
    }
  }
})
