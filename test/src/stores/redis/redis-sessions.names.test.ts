import { createHash, createHmac } from 'node:crypto'
import { test } from 'tap'
import { createNonceMemory } from '../../../../src/stores/memory-nonces.js'
import { createRedisNonces } from '../../../../src/stores/redis/redis-nonces.js'
import { draft, replace, sessionIn, standing } from '../../../drafts.js'
import { startServer, withServer } from '../../../redis-server.js'
import { connect, PREFIX, STORE_KEY } from '../../../redis-store.js'
import { person, whole } from '../../../session-store-contract.js'

/** All that stands in the store. */
async function textIn({ client }: Awaited<ReturnType<typeof startServer>>): Promise<string> {
  const parts: string[] = []
  for (const key of await client.keys('*')) {
    parts.push(key)
    const type = await client.type(key)
    parts.push(...(type === 'string' ? [String(await client.get(key))] : await client.zrange(key, '0', '-1')))
  }
  return parts.join('\n')
}

test('a copy of the store reveals neither external ids nor who calls whom', withServer, async (t) => {
  const server = await startServer(t)
  const world = standing()
  const base = await connect(t, server.url, world.options)
  const { store } = base
  const named = (n: number) => ({ externalId: `order-${n}`, idempotencyKey: `key-${n}` })
  for (const n of [1, 3]) await store.create(draft(n, n + 1, named(n)))
  const { id } = sessionIn(await store.create(draft(1, 4, named(5))))
  await store.change(id, replace(5))
  await store.close(id)
  const nonces = createRedisNonces({ ...base, prefix: PREFIX, fallback: createNonceMemory() })
  await nonces.use(['nonce'], 'digest of a body')

  const text = await textIn(server)
  const chosen = [
    'order-1',
    'key-1',
    '1-2',
    'digest of a body',
    ...[1, 2, 3, 4, 5].map((n) => whole(person(n))),
  ]
  for (const word of chosen)
    for (const guess of [word, `e:${word}`, `i:${word}`])
      for (const form of ['hex', 'base64', 'base64url'] as const) {
        const digest = createHash('sha256').update(guess).digest(form)
        t.notOk(text.includes(digest.slice(0, 16)) || text.includes(guess), `${guess} in ${form}`)
        const keyed = createHmac('sha256', Buffer.from(STORE_KEY, 'base64')).update(guess).digest(form)
        t.notOk(text.includes(keyed.slice(0, 16)))
      }
})
