import { createHash, createHmac } from 'node:crypto'
import { test } from 'tap'
import { createNonceMemory } from '../../../../src/stores/memory-nonces.js'
import { createRedisNonces } from '../../../../src/stores/redis/redis-nonces.js'
import { startServer, withServer } from '../../../redis-server.js'
import { connect, draft, patient, replace, STORE_KEY, sessionIn, standing } from '../../../redis-store.js'
import { person, whole } from '../../../session-store-contract.js'

/** Whatever is named in it: the end of each key, and each part of each value. */
async function namesIn({ client }: Awaited<ReturnType<typeof startServer>>) {
  const keys = await client.keys('*')
  const values: string[] = []
  for (const key of keys) {
    const type = await client.type(key)
    if (type === 'string') values.push(String(await client.get(key)))
    if (type === 'hash') values.push(...Object.entries(await client.hgetall(key)).flat())
    if (type === 'zset') values.push(...(await client.zrange(key, '0', '-1')))
  }
  const names = keys.map((key) => String(key.split(':').at(-1)))
  const text = [...keys, ...values].join('\n')
  return { keys, names, parts: values.flatMap((value) => value.split('|')), text }
}

test('a copy of the store reveals neither external ids nor who calls whom', withServer, async (t) => {
  const server = await startServer(t)
  const world = standing()
  const base = await connect(t, server.url, world.options)
  const { store } = patient(base, world.options)
  const named = (n: number) => ({ externalId: `order-${n}`, idempotencyKey: `key-${n}` })
  for (const n of [1, 3]) await store.create(draft(n, n + 1, named(n)))
  const { id } = sessionIn(await store.create(draft(1, 4, named(5))))
  await store.change(id, replace(5))
  await store.close(id)
  const nonces = createRedisNonces({ ...base, fallback: createNonceMemory() })
  await nonces.use('nonce', 'digest of a body')

  const { keys, names, parts, text } = await namesIn(server)
  const marks = keys
    .filter((key) => key.startsWith('callmask:2:book:'))
    .map(async (key) => Object.values(await server.client.hgetall(key)).map((leg) => leg.split('|')[3]))
  const all = (await Promise.all(marks)).flat()
  t.equal(all.length, 7)
  t.ok(all.every((mark) => mark?.length === 22))
  t.equal(new Set(all).size, all.length, 'nobody has the same mark in two books')
  t.same(
    names.filter((name) => !name.startsWith('s_') && parts.includes(name)),
    [],
    'what names a person, a session’s name or a key stands nowhere else',
  )

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
