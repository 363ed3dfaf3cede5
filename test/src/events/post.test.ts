import type { ServerResponse } from 'node:http'
import { type Test, test } from 'tap'
import { createPost, MAX_REPLY_BYTES, POST_LIMIT_MS } from '../../../src/events/post.js'
import { testClock } from '../../clocks.js'
import { CERTIFICATE, lookupOf, startHooks } from '../../hook-server.js'

const LOOPBACK = ['127.0.0.0/8']

function posting(allowedNetworks: readonly string[], ...addresses: readonly string[]) {
  const clock = testClock()
  const lookup = lookupOf(...(addresses.length > 0 ? addresses : ['127.0.0.1']))
  const post = createPost({ allowedNetworks, after: clock.after, ca: CERTIFICATE, lookup })
  return { clock, post: (url: string) => post(url, { 'webhook-id': 'evt_1' }, '{"a":1}') }
}

test('a body is sent with its headers, and the status comes back', async (t) => {
  const server = await startHooks(t, ({ url }, reply) => reply.writeHead(Number(url.slice(1))).end('ok'))
  const { post, clock } = posting(LOOPBACK)
  for (const status of [200, 204, 400, 410, 500]) t.same(await post(`${server.url}/${status}`), { status })
  t.match(server.received[0], {
    body: '{"a":1}',
    headers: {
      'content-type': 'application/json',
      'content-length': '7',
      'webhook-id': 'evt_1',
      'user-agent': /^callmask\//,
    },
  })
  await new Promise((resolve) => setTimeout(resolve, 0))
  t.ok(clock.runOut(POST_LIMIT_MS) <= 5)
})

test('a redirect is not followed', async (t) => {
  const server = await startHooks(t, (_received, reply) => reply.writeHead(302, { location: '/other' }).end())
  const { post } = posting(LOOPBACK)
  t.same(await post(server.url), { status: 302 })
  t.equal(server.received.length, 1)
})

test('nothing is sent into our own network, however its address is written', async (t) => {
  const server = await startHooks(t, (_received, reply) => reply.end())
  const { port } = server
  const hosts = [
    '127.0.0.1',
    '2130706433',
    '0x7f.1',
    '0177.0.0.1',
    '10.0.0.1',
    '172.16.0.1',
    '192.168.1.1',
    '169.254.169.254',
    '100.64.0.1',
    '0.0.0.0',
    '[::1]',
    '[::]',
    '[::ffff:127.0.0.1]',
    '[::ffff:a9fe:a9fe]',
    '[64:ff9b::7f00:1]',
    '[fe80::1]',
    '[fc00::1]',
  ]
  const { post } = posting([])
  for (const host of hosts) t.same(await post(`https://${host}:${port}/`), { why: 'forbidden_address' }, host)
  t.same(server.received, [])
})

test('a name that leads into our own network is refused, also when it led elsewhere before', async (t) => {
  const server = await startHooks(t, (_received, reply) => reply.end())
  for (const address of ['127.0.0.1', '10.0.0.1', '169.254.169.254', '::1', '::ffff:127.0.0.1'])
    t.same(await posting([], address).post(server.url), { why: 'forbidden_address' }, address)
  // Allowed the first time, and not the second: each attempt looks it up anew.
  const { post } = posting(['127.0.0.1'], '127.0.0.1', '127.0.0.2')
  t.same(await post(server.url), { status: 200 })
  t.same(await post(server.url), { why: 'forbidden_address' })
  t.equal(server.received.length, 1)
})

async function answering(t: Test, answer: (reply: ServerResponse) => void) {
  const server = await startHooks(t, (_received, reply) => answer(reply))
  return { ...posting(LOOPBACK), server }
}

test('an endpoint that hangs, or only drips its headers, has ten seconds', async (t) => {
  const answers: ((reply: ServerResponse) => void)[] = [
    () => undefined,
    (reply) => void reply.socket?.write('HTTP/1.1 200 OK\r\nx-a: '),
  ]
  for (const answer of answers) {
    const { post, clock, server } = await answering(t, answer)
    const posted = post(server.url)
    while (server.received.length === 0) await new Promise((resolve) => setImmediate(resolve))
    t.equal(clock.runOut(POST_LIMIT_MS), 1)
    t.same(await posted, { why: 'timeout' })
  }
})

test('of a huge reply, or one that drips, the status counts, and the rest is cut off', async (t) => {
  let isCut = false
  const huge = await answering(t, (reply) => {
    reply.writeHead(200)
    reply.on('close', () => {
      isCut = true
    })
    reply.write('x'.repeat(4 * MAX_REPLY_BYTES))
  })
  t.same(await huge.post(huge.server.url), { status: 200 })
  while (!isCut) await new Promise((resolve) => setImmediate(resolve))
  t.pass('it is cut off')

  let isEnded = false
  const dripping = await answering(t, (reply) => {
    reply.writeHead(200)
    reply.on('close', () => {
      isEnded = true
    })
    reply.write('x')
  })
  t.same(await dripping.post(dripping.server.url), { status: 200 })
  t.equal(dripping.clock.runOut(POST_LIMIT_MS), 1, 'it has ten seconds in all')
  while (!isEnded) await new Promise((resolve) => setImmediate(resolve))
})

test('what breaks on the way is told by its kind alone', async (t) => {
  const reset = await answering(t, (reply) => reply.socket?.destroy())
  t.same(await reset.post(reset.server.url), { why: 'connection' })

  const { server } = await answering(t, (reply) => reply.end())
  const { after } = testClock()
  const options = { allowedNetworks: LOOPBACK, after, lookup: lookupOf('127.0.0.1') }
  t.same(await createPost(options)(server.url, {}, ''), { why: 'tls' }, 'its certificate is not trusted')
  t.same(await createPost(options)(`https://other.test:${server.port}`, {}, ''), { why: 'tls' })

  const unknown = createPost({
    ...options,
    lookup: (host, _options, done) =>
      done(Object.assign(new Error(host), { code: 'ENOTFOUND' }) as NodeJS.ErrnoException, ''),
  })
  t.same(await unknown('https://hooks.test', {}, ''), { why: 'dns' })
})
