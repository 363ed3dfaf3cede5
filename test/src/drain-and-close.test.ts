import { once } from 'node:events'
import { connect } from 'node:net'
import { setImmediate as turn } from 'node:timers/promises'
import { type Test, test } from 'tap'
import { CLOSE_GRACE_MS, drainAndClose } from '../../src/drain-and-close.js'
import { testClock } from '../clocks.js'
import { FE_REACHES_CUSTOMER, PAIR } from '../fixtures.js'
import { build } from '../helper.js'

const DELAY_MS = 5_000

/** The service, listening, with a clock of the test's own. */
async function listening(t: Test) {
  const clock = testClock()
  const { app } = await build(t, {}, clock)
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  const call = () =>
    fetch(`${url}/answer`, {
      method: 'POST',
      body: new URLSearchParams({ From: PAIR.FE, To: '09000000001' }),
    })
  return { app, clock, url, call }
}

test('the service goes on answering while a load balancer notices, then closes', async (t) => {
  const { app, clock, url, call } = await listening(t)
  const closed = drainAndClose(app, DELAY_MS)
  t.equal((await fetch(`${url}/health/ready`)).status, 503, 'unready at once')
  const reply = await call()
  t.equal(await reply.text(), FE_REACHES_CUSTOMER, 'and answering as before')
  t.equal(reply.headers.get('connection'), 'close')

  t.equal(clock.runOut(DELAY_MS), 1)
  await closed
  await t.rejects(call(), 'nobody listens any more')
  t.equal(clock.runOut(CLOSE_GRACE_MS), 0, 'no timer is left')
})

test('a client that never ends its request is cut off', async (t) => {
  const { app, clock, url } = await listening(t)
  const stuck = connect(Number(new URL(url).port), '127.0.0.1')
    .resume()
    .on('error', () => undefined)
  const arrived = once(app.server, 'request')
  stuck.write('POST /answer HTTP/1.1\r\nhost: a\r\ncontent-length: 9\r\n\r\n')
  await arrived

  const closed = drainAndClose(app, DELAY_MS)
  clock.runOut(DELAY_MS)
  while (clock.runOut(CLOSE_GRACE_MS) === 0) await turn()
  await closed
  if (!stuck.closed) await once(stuck, 'close')
  t.ok(stuck.closed)
})
