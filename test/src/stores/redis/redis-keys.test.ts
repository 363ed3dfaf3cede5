import { type Test, test } from 'tap'
import type { HashedKey } from '../../../../src/access/api-key.js'
import { MAX_STORED_KEYS, OVER_MEMORY_MS } from '../../../../src/access/key-records.js'
import { createSecret } from '../../../../src/access/key-secret.js'
import { createRedisKeys } from '../../../../src/stores/redis/redis-keys.js'
import { startServer, type TestServer, withServer } from '../../../redis-server.js'
import { connect, OTHER_KEY, STORE_KEY, standing } from '../../../redis-store.js'

const START = Date.UTC(2100, 0, 1)

function key(name: string, more: Partial<HashedKey> = {}): HashedKey {
  const { id, hash } = createSecret()
  return { name, scopes: ['explain'], origin: 'store', createdAt: START, id, hash, ...more }
}

async function open(t: Test, { url }: TestServer, keys: readonly [string, ...string[]] = [STORE_KEY]) {
  const { link, vault } = await connect(t, url, standing().options, keys)
  const world = { time: START, unreadable: 0, link, vault }
  const records = createRedisKeys({
    link,
    vault,
    now: () => world.time,
    onUnreadable: (count) => {
      world.unreadable += count
    },
  })
  return Object.assign(world, { records })
}

const namesIn = (keys: readonly HashedKey[] | undefined) => keys?.map(({ name }) => name).sort()

test('all keys are read again when one has changed', withServer, async (t) => {
  const server = await startServer(t)
  const [one, other] = [await open(t, server), await open(t, server)]
  t.same(await one.records.load(), [], 'there is none yet')
  const desk = key('desk')
  t.equal(await one.records.add(desk), 'added')
  t.same(await other.records.load(), [desk])
  t.equal(await other.records.load(), undefined, 'nothing new')
  t.equal(await one.records.add(key('desk')), 'exists')
  t.match(await other.records.revoke('desk'), { name: 'desk', revokedAt: START })
  t.match(await one.records.load(), [{ name: 'desk', revokedAt: START }])
  t.equal(await other.records.revoke('desk'), undefined, 'once is enough')
  t.equal(await other.records.revoke('nobody'), undefined)
  t.equal(await one.records.add(key('desk')), 'added', 'the name is free again')
})

test('key records at rest reveal neither secret, hash nor scope', withServer, async (t) => {
  const server = await startServer(t)
  const { records } = await open(t, server)
  const desk = key('desk')
  await records.add(desk)
  const text = JSON.stringify(await server.client.hgetall('callmask:api-keys'))
  for (const part of [desk.hash, desk.id, 'explain']) t.notMatch(text, part)
})

test('somebody who can write the store can neither make nor move a key', withServer, async (t) => {
  const server = await startServer(t)
  const { records, world } = await open(t, server).then((world) => ({ ...world, world }))
  await records.add(key('desk'))
  const desk = String(await server.client.hget('callmask:api-keys', 'key:desk'))
  await server.client.hset('callmask:api-keys', { 'key:shop': desk, 'key:other': '{}', version: 'x' })
  t.same(namesIn(await records.load()), ['desk'])
  t.equal(world.unreadable, 2)
})

test('two concurrent creates of one name make one key', withServer, async (t) => {
  const server = await startServer(t)
  const [one, other] = [await open(t, server), await open(t, server)]
  for (let round = 0; round < 20; round++) {
    const outcomes = await Promise.all([one, other].map(({ records }) => records.add(key(`desk-${round}`))))
    t.same(outcomes.sort(), ['added', 'exists'])
  }
})

test('two concurrent revocations both succeed', withServer, async (t) => {
  const server = await startServer(t)
  const [one, other] = [await open(t, server), await open(t, server)]
  for (let round = 0; round < 20; round++) {
    await one.records.add(key('desk'))
    await Promise.all([one, other].map(({ records }) => records.revoke('desk')))
    t.match((await (await open(t, server)).records.load())?.[0], { revokedAt: START })
  }
})

test('the number of stored keys is bounded, and expired ones make room', withServer, async (t) => {
  const server = await startServer(t)
  const world = await open(t, server)
  const { records } = world
  await records.add(key('expired', { expiresAt: START + 1 }))
  for (let i = 1; i < MAX_STORED_KEYS; i++) await records.add(key(`k-${i}`))
  t.equal(await records.add(key('one-more')), 'full')
  await records.revoke('k-1')
  world.time += OVER_MEMORY_MS
  t.equal(await records.add(key('one-more')), 'added')
  t.equal(await records.add(key('k-1')), 'full', 'the expired one is remembered a little longer')
  world.time += 1
  t.equal(await records.add(key('expired')), 'added', 'also of the same name')
})

test('stored keys survive a rotation of STORE_KEY', withServer, async (t) => {
  const server = await startServer(t)
  const before = await open(t, server)
  const desk = key('desk')
  await before.records.add(desk)
  const both = await open(t, server, [OTHER_KEY, STORE_KEY])
  t.same(await both.records.load(), [desk])
  const after = await open(t, server, [OTHER_KEY])
  t.same(await after.records.load(), [desk])
  t.equal(after.unreadable, 0)
})
