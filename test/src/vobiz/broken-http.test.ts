import type { Socket } from 'node:net'
import { Duplex, PassThrough } from 'node:stream'
import { test } from 'tap'
import { LINGER_MS } from '../../../src/connections.js'
import { brokenHttpAnswerer } from '../../../src/vobiz/broken-http.js'
import { testClock } from '../../clocks.js'

const clock = testClock()
const answerBrokenHttp = brokenHttpAnswerer(clock)

function broken(code: string): NodeJS.ErrnoException {
  return Object.assign(new Error('918888800001'), { code })
}

test('what is too broken is answered without an echo', async (t) => {
  const cases = [
    { code: 'HPE_INVALID_METHOD', status: '400 Bad Request' },
    { code: 'HPE_HEADER_OVERFLOW', status: '431 Request Header Fields Too Large' },
    { code: 'ERR_HTTP_REQUEST_TIMEOUT', status: '408 Request Timeout' },
  ]
  for (const { code, status } of cases) {
    const socket = new PassThrough()
    answerBrokenHttp(broken(code), socket as unknown as Socket)
    const reply = String(socket.read())
    const [head = '', body = ''] = reply.split('\r\n\r\n')
    t.match(
      head,
      `HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-type: application/xml; charset=utf-8`,
      code,
    )
    t.match(head, `content-length: ${Buffer.byteLength(body)}`)
    t.match(body, '<Response><Speak>This request is not valid HTTP.</Speak><Hangup/></Response>')
    t.notMatch(reply, '918888800001')
  }

  for (const [name, code, ended] of [
    ['a reset', 'ECONNRESET', false],
    ['an ended', 'HPE_X', true],
  ] as const) {
    const socket = new PassThrough()
    if (ended) socket.end()
    answerBrokenHttp(broken(code), socket as unknown as Socket)
    t.ok(socket.destroyed, `${name} connection is dropped`)
  }
})

test('a client that reads nothing is dropped too', async (t) => {
  const stuck = new Duplex({ read: () => undefined, write: () => undefined })
  answerBrokenHttp(broken('ERR_HTTP_REQUEST_TIMEOUT'), stuck as unknown as Socket)
  t.notOk(stuck.destroyed, 'what was written may still leave')
  clock.runOut(LINGER_MS)
  t.ok(stuck.destroyed)
})
