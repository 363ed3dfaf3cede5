import { once } from 'node:events'
import { connect } from 'node:net'
import { performance } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { createReport } from '../faults/report.js'
import { API_KEY, startService } from './service.js'

/** Milliseconds: 10 s for a request and 2 s to end it, and one for a busy machine. */
const CUT_LIMIT_MS = 13_000
/** The same for a request that was refused before its body came. */
const REFUSED_LIMIT_MS = 3_000
const OF_EACH = 15

const HEADS = {
  'a body of a call':
    'POST /answer HTTP/1.1\r\nhost: x\r\ncontent-type: application/x-www-form-urlencoded\r\n',
  'a body of the API': `POST /v1/sessions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${API_KEY}\r\ncontent-type: application/json\r\n`,
} as const
const REFUSED =
  'POST /v1/sessions HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n{'

/** Requests that come a byte a second, and those that go on after they were refused. */
export async function runSlowBodies(): Promise<boolean> {
  const report = createReport('requests that come a byte a second')
  report.demand('connections that were ended too late')
  const service = await startService()

  async function drip(what: string, start: string, limitMs: number): Promise<void> {
    const socket = connect(service.port, '127.0.0.1').on('error', () => undefined)
    const begun = performance.now()
    const closed = once(socket, 'close')
    socket.resume()
    socket.write(start)
    let isOpen = true
    closed.then(() => {
      isOpen = false
    })
    while (isOpen && performance.now() - begun < limitMs + 2_000) {
      await Promise.race([sleep(1_000), closed])
      if (isOpen) socket.write('x')
    }
    report.largest(`ms at most: ${what}`, performance.now() - begun)
    if (performance.now() - begun > limitMs) report.count('connections that were ended too late')
    socket.destroy()
  }

  const all = Array.from({ length: OF_EACH }, () => [
    ...Object.entries(HEADS).flatMap(([what, head]) => [
      drip(what, `${head}content-length: 1000\r\n\r\n`, CUT_LIMIT_MS),
      drip(what.replace('body', 'head'), head, CUT_LIMIT_MS),
    ]),
    drip('a body after its refusal', REFUSED, REFUSED_LIMIT_MS),
  ]).flat()
  report.count('connections', all.length)
  await Promise.all(all)
  await service.stop()
  return report.print()
}
