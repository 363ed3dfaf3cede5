import { test } from 'tap'
import { countedFetch, resultOf } from '../../../src/telemetry/counted-fetch.js'
import { createMeter } from '../../../src/telemetry/meter.js'
import { valuesOf } from '../../meters.js'

test('each reply of the API of the carrier is counted by what it means', async (t) => {
  const meter = createMeter()
  const asked: unknown[] = []
  const told: unknown[] = []
  const statuses = [200, 204, 402]
  const fetch = countedFetch(
    async (...request) => {
      asked.push(request)
      const status = statuses.shift()
      if (status === undefined) throw new TypeError('fetch failed')
      return new Response(null, { status })
    },
    meter,
    (result) => told.push(result),
  )
  const init = { method: 'GET' }
  t.equal((await fetch('https://api.example.com', init)).status, 200)
  t.same(asked, [['https://api.example.com', init]])
  await fetch('https://api.example.com')
  await fetch('https://api.example.com')
  await t.rejects(fetch('https://api.example.com'), { message: 'fetch failed' })
  t.same(told, ['ok', 'ok', 'out_of_credit', 'no_answer'])
  t.same(valuesOf(meter.families(), 'callmask_carrier_requests_total'), {
    ok: 2,
    out_of_credit: 1,
    no_answer: 1,
  })
})

test('what a status means', async (t) => {
  const expected = {
    200: 'ok',
    299: 'ok',
    302: 'rejected',
    400: 'rejected',
    401: 'refused',
    402: 'out_of_credit',
    403: 'refused',
    404: 'not_found',
    429: 'too_many',
    500: 'failed',
    503: 'failed',
  }
  for (const [status, result] of Object.entries(expected)) t.equal(resultOf(Number(status)), result, status)
})
