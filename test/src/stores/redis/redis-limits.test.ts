import { test } from 'tap'
import { createLocalLimiter } from '../../../../src/access/limiter.js'
import { createRedisLimits } from '../../../../src/stores/redis/redis-limits.js'
import { standing } from '../../../drafts.js'
import { startServer, withServer } from '../../../redis-server.js'
import { connect, PREFIX } from '../../../redis-store.js'

/** So slow that no time that a test takes gives anything back. */
const SLOW = { perSecond: 1e-6, burst: 3 }

test('the shared limiter decides as the local one, across instances', withServer, async (t) => {
  const { url, client } = await startServer(t)
  const limits = await Promise.all(
    [0, 1].map(async () => createRedisLimits((await connect(t, url, standing().options)).link, PREFIX)),
  )
  const local = createLocalLimiter(SLOW, () => 0)
  for (let i = 0; i < 5; i++) {
    const [here, there] = [local('a'), await limits[i % 2]?.('a', SLOW)]
    t.match(there, { allowed: here.allowed, remaining: here.remaining })
    t.ok(Math.abs(Number(there?.retryMs) - here.retryMs) < 60_000)
    t.ok(Math.abs(Number(there?.resetMs) - here.resetMs) < 60_000)
  }
  t.match(await limits[0]?.('b', SLOW), { allowed: true, remaining: 2 }, 'another asker')
  t.ok((await client.pttl(`${PREFIX}limit:a`)) > 0, 'nothing stays for ever')
  t.match(await limits[0]?.('c', { perSecond: 1_000, burst: 1 }), { allowed: true, remaining: 0 })
})

test('without an answer of the store the local decision holds', withServer, async (t) => {
  const server = await startServer(t)
  const { link } = await connect(t, server.url, standing().options)
  await server.kill('SIGKILL')
  t.equal(await createRedisLimits(link, PREFIX)('a', SLOW), undefined)
})
