import { test } from 'tap'
import { judge } from '../../../src/access/gcra.js'
import { createLimiter, createLocalLimiter, MAX_ASKERS } from '../../../src/access/limiter.js'
import { rateLimitFields } from '../../../src/access/rate-limit-fields.js'

test('a burst is let in at once, and then one request per interval', async (t) => {
  for (const perSecond of [0.5, 1, 3, 7, 100]) {
    let now = Date.UTC(2100, 0, 1)
    const limit = createLocalLimiter({ perSecond, burst: 5 }, () => now)
    t.same(
      [...Array(5)].map(() => limit('a').remaining),
      [4, 3, 2, 1, 0],
    )
    const refused = limit('a')
    t.match(refused, { allowed: false, remaining: 0 })
    t.ok(Math.abs(refused.retryMs - 1_000 / perSecond) < 0.01)
    now += refused.retryMs
    t.match(limit('a'), { allowed: true, remaining: 0, retryMs: 0 }, 'what it was told holds')
    t.equal(limit('a').allowed, false)
    t.equal(limit('b').allowed, true, 'another asker')
    now += 5_000 / perSecond
    t.equal(limit('a').remaining, 4, 'all of it is there again')
  }
})

test('the rate holds over every window of time', async (t) => {
  let now = 0
  const limit = createLocalLimiter({ perSecond: 10, burst: 10 }, () => now)
  let allowed = 0
  for (; now < 10_000; now += 10) if (limit('a').allowed) allowed += 1
  t.equal(allowed, 10 + 99)
})

test('a refused request does not delay the next one', async (t) => {
  const rate = { perSecond: 1, burst: 1 }
  const { freeAt } = judge(rate, 0, 1_000)
  t.equal(judge(rate, freeAt, 1_000).freeAt, freeAt)
})

test('the limiter remembers a bounded number of askers', async (t) => {
  const limit = createLocalLimiter({ perSecond: 1, burst: 1 }, () => 0)
  limit('first')
  t.equal(limit('first').allowed, false)
  for (let i = 0; i < MAX_ASKERS; i++) limit(`other ${i}`)
  t.equal(limit('first').allowed, true, 'it fell out')
})

test('the store is asked only about requests that the instance itself would let in', async (t) => {
  const rate = { perSecond: 1, burst: 2 }
  const asked: string[] = []
  const no = { allowed: false, remaining: 0, retryMs: 1, resetMs: 1 }
  let answer: typeof no | undefined
  const limit = createLimiter(
    rate,
    () => 0,
    async (asker) => {
      asked.push(asker)
      return answer
    },
  )
  t.match(await limit('a'), { allowed: true, remaining: 1 }, 'it does not answer')
  answer = no
  t.same(await limit('a'), no)
  t.match(await limit('a'), { allowed: false })
  t.same(asked, ['a', 'a'])
  t.match(await createLimiter(rate, () => 0)('a'), { allowed: true })
})

test('the RateLimit fields tell the remaining quota and the wait', async (t) => {
  const verdict = { allowed: true, remaining: 9, retryMs: 0, resetMs: 101 }
  const rate = { perSecond: 3, burst: 10 }
  t.same(rateLimitFields('api', rate, verdict), {
    'ratelimit-policy': '"api";q=10;w=4',
    ratelimit: '"api";r=9;t=1',
  })
  const refused = { allowed: false, remaining: 0, retryMs: 1_001, resetMs: 9_000 }
  t.equal(rateLimitFields('api', rate, refused).ratelimit, '"api";r=0;t=2')
})
