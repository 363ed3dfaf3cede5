import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { type Test, test } from 'tap'
import { boundConnections, LINGER_MS, MAX_PENDING_REPLIES } from '../../src/connections.js'
import { testClock } from '../clocks.js'

const GET = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'
const UNFINISHED_POST = 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n1'
const NO_CONTENT = /HTTP\/1\.1 204/g

/** A bounded server, and a connection to it that keeps what it gets. */
async function bounded(t: Test, handle: RequestListener) {
  const clock = testClock()
  const server = createServer(handle)
  let excess = 0
  boundConnections(server, {
    clock,
    onExcess: () => {
      excess += 1
    },
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  t.teardown(() => server.close())
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1')
  t.teardown(() => client.destroy())
  return { clock, client, received: receivedBy(client), excess: () => excess }
}

function receivedBy(client: Socket) {
  let text = ''
  client.on('error', () => undefined)
  client.on('data', (chunk) => {
    text += chunk
  })
  return {
    /** Resolves when so many replies came. */
    async replies(count: number): Promise<void> {
      while ((text.match(NO_CONTENT) ?? []).length < count) await once(client, 'data')
    },
  }
}

const answer: RequestListener = (_request, response) => {
  response.writeHead(204).end()
}

test('a connection with too many pending replies is cut, and the rest of its requests are not handled', async (t) => {
  let handled = 0
  const { client, excess } = await bounded(t, () => {
    handled += 1
  })
  client.write(GET.repeat(MAX_PENDING_REPLIES + 50))
  await once(client, 'close')
  t.equal(handled, MAX_PENDING_REPLIES)
  t.equal(excess(), 1)
})

test('pipelined requests up to the limit are answered, repeatedly', async (t) => {
  const { client, received, excess } = await bounded(t, answer)
  for (const round of [1, 2, 3]) {
    client.write(GET.repeat(MAX_PENDING_REPLIES))
    await received.replies(round * MAX_PENDING_REPLIES)
  }
  t.equal(excess(), 0)
  t.notOk(client.closed)
})

test('a client that goes on sending a body after the reply is cut', async (t) => {
  const { clock, client, received } = await bounded(t, answer)
  client.write(UNFINISHED_POST)
  await received.replies(1)
  while (clock.runOut(LINGER_MS) === 0) await new Promise(setImmediate)
  await once(client, 'close')
  t.pass('it was closed')
})

test('a client that completes its body after the reply keeps the connection', async (t) => {
  const { clock, client, received } = await bounded(t, answer)
  client.write(UNFINISHED_POST)
  await received.replies(1)
  client.write(`234567890${GET}`)
  await received.replies(2)
  clock.runOut(LINGER_MS)
  client.write(GET)
  await received.replies(3)
  t.notOk(client.closed)
})

test('a request that is complete after its reply leaves no timer behind', async (t) => {
  let closed: Promise<unknown> = Promise.resolve()
  const { clock, client, received } = await bounded(t, (request, response) => {
    closed = once(request, 'close')
    answer(request, response)
  })
  client.write(UNFINISHED_POST)
  await received.replies(1)
  client.write('234567890')
  await closed
  t.equal(clock.runOut(LINGER_MS), 0)
})
