import { type Test, test } from 'tap'
import type { HashedKey } from '../../../src/access/api-key.js'
import { createKeptKeys } from '../../../src/access/kept-keys.js'
import { MAX_STORED_KEYS, OVER_MEMORY_MS } from '../../../src/access/key-records.js'
import { createSecret } from '../../../src/access/key-secret.js'
import { type Storage, StoreUnavailableError } from '../../../src/masking/storage.js'
import { createAbout } from '../../../src/stores/about.js'
import { createRotatingVault } from '../../../src/stores/rotating-vault.js'
import { createSealedScript } from '../../../src/stores/sealed-script.js'
import { createStorage } from '../../../src/stores/storage.js'
import { standing } from '../../drafts.js'
import { startServer, withServer } from '../../redis-server.js'
import { connect, OTHER_KEY, PREFIX, STORE_KEY } from '../../redis-store.js'
import { openTexts } from '../../sealed-store.js'
import { spiedOn } from '../../spied-storage.js'
import { memoryStorage } from '../../store-under-test.js'

const START = Date.UTC(2100, 0, 1)
const AT = `${PREFIX}api-keys:all`

function key(name: string, more: Partial<HashedKey> = {}): HashedKey {
  const { id, hash } = createSecret()
  return { name, scopes: ['explain'], origin: 'store', createdAt: START, id, hash, ...more }
}

/** The keys as one instance has them. */
function over(storage: Storage) {
  const world = { time: START, unreadable: 0 }
  const records = createKeptKeys({
    storage,
    now: () => world.time,
    onUnreadable: () => {
      world.unreadable += 1
    },
  })
  return Object.assign(world, { records })
}

const namesIn = (keys: readonly HashedKey[] | undefined) => keys?.map(({ name }) => name).sort()

/** What holds over any storage. Each call of `open` gives another instance on the same one. */
function contract(t: Test, makeStore: (t: Test) => Promise<() => Promise<Storage>>): void {
  const make = async (t: Test) => {
    const storage = await makeStore(t)
    return async () => over(await storage())
  }

  t.test('all keys are read again when one has changed', async (t) => {
    const open = await make(t)
    const [one, other] = [await open(), await open()]
    t.equal(await one.records.load(), undefined, 'there is none yet')
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
    t.equal(one.unreadable + other.unreadable, 0)
  })

  t.test('two concurrent creates of one name make one key', async (t) => {
    const open = await make(t)
    const [one, other] = [await open(), await open()]
    for (let round = 0; round < 20; round++) {
      const outcomes = await Promise.all([one, other].map(({ records }) => records.add(key(`desk-${round}`))))
      t.same(outcomes.sort(), ['added', 'exists'])
    }
    t.equal((await (await open()).records.load())?.length, 20, 'and no other is lost')
  })

  t.test('two concurrent revocations both succeed', async (t) => {
    const open = await make(t)
    const [one, other] = [await open(), await open()]
    for (let round = 0; round < 20; round++) {
      await one.records.add(key('desk'))
      await Promise.all([one, other].map(({ records }) => records.revoke('desk')))
      t.match((await (await open()).records.load())?.at(-1), { revokedAt: START })
    }
  })

  t.test('the number of stored keys is bounded, and expired ones make room', async (t) => {
    const world = await (await make(t))()
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
}

test('keys in memory', async (t) => {
  contract(t, async () => {
    const storage = memoryStorage(() => START)
    return async () => storage
  })
})

test('keys on a server', withServer, async (t) => {
  contract(t, async (t) => {
    const { url } = await startServer(t)
    return async () => (await connect(t, url, standing().options)).storage
  })
})

test('a change that others are always faster than fails as the store does', async (t) => {
  let swaps = 0
  const storage = spiedOn(
    memoryStorage(() => START),
    async (operation, run) => {
      if (operation !== 'swap api-keys') return run()
      swaps += 1
      return false
    },
  )
  await t.rejects(over(storage).records.add(key('desk')), StoreUnavailableError)
  t.equal(swaps, 20, 'after a bounded number of attempts')
})

test('key records at rest reveal neither secret, hash nor scope', withServer, async (t) => {
  const { url, client } = await startServer(t)
  const { records } = over((await connect(t, url, standing().options)).storage)
  const desk = key('desk')
  await records.add(desk)
  const text = String(await client.get(AT))
  t.match(text, /^[0-9a-f]{8}\.[\w+/]+=*$/)
  const bytes = Buffer.from(text.slice(9), 'base64').toString('latin1')
  for (const part of [desk.hash, desk.id, 'explain', 'desk'])
    t.notOk(text.includes(part) || bytes.includes(part), part)
})

test('somebody who can write the store can neither make, change nor move a key', withServer, async (t) => {
  const { url, client } = await startServer(t)
  const { storage } = await connect(t, url, standing().options)
  const one = over(storage)
  await one.records.add(key('desk'))
  t.same(namesIn(await one.records.load()), ['desk'])
  const genuine = String(await client.get(AT))
  const ofAnother = String(await client.get(`${PREFIX}pool:numbers`))
  const flipped = genuine.replace(/.(?=.{30}$)/, (c) => (c === 'A' ? 'B' : 'A'))
  const forgeries = ['[]', '', JSON.stringify([key('shop')]), ofAnother, flipped]
  for (const [i, forged] of forgeries.entries()) {
    await client.set(AT, forged)
    t.equal(await one.records.load(), undefined, 'the keys that were read last go on')
    t.equal(one.unreadable, i + 1, 'and it is told')
    await t.rejects(one.records.add(key('shop')), StoreUnavailableError)
    await t.rejects(one.records.revoke('desk'), StoreUnavailableError)
    t.equal(await client.get(AT), forged, 'what may be the keys of others is not written over')
  }
  await client.del(AT)
  await client.lpush(AT, 'x')
  t.equal(await one.records.load(), undefined)
  t.equal(one.unreadable, forgeries.length + 1)
  await client.del(AT)
  await client.set(AT, genuine)
  t.same(namesIn(await over(storage).records.load()), ['desk'])
})

test('keys that were taken away count as gone', withServer, async (t) => {
  const { url, client } = await startServer(t)
  const { records } = over((await connect(t, url, standing().options)).storage)
  await records.add(key('desk'))
  await records.load()
  await client.del(AT)
  t.same(await records.load(), [])
})

test('stored keys are sealed anew when STORE_KEY is rotated under a running instance', async (t) => {
  const texts = openTexts(() => START)
  const vault = createRotatingVault([STORE_KEY])
  const about = createAbout(texts, vault)
  const script = createSealedScript({ vault, namingSecret: about.namingSecret })
  const { records } = over(createStorage(texts, script, about.known))
  await records.add(key('desk'))
  await records.load()
  const before = await texts.textOf('api-keys', 'all')
  t.equal(await records.load(), undefined)
  t.equal(await texts.textOf('api-keys', 'all'), before, 'not for nothing')
  vault.useKeys([OTHER_KEY, STORE_KEY])
  await records.load()
  t.ok((await texts.textOf('api-keys', 'all')).startsWith(`${vault.keyIds[0]}.`))
})

test('stored keys survive a rotation of STORE_KEY', withServer, async (t) => {
  const { url } = await startServer(t)
  const open = async (keys: readonly [string, ...string[]]) =>
    over((await connect(t, url, standing().options, keys)).storage)
  const before = await open([STORE_KEY])
  const desk = key('desk')
  await before.records.add(desk)
  const both = await open([OTHER_KEY, STORE_KEY])
  t.same(await both.records.load(), [desk])
  const after = await open([OTHER_KEY])
  t.same(await after.records.load(), [desk])
  t.equal(after.unreadable, 0)
  t.equal(await before.records.load(), undefined, 'who has only the old key')
  t.equal(before.unreadable, 1, 'is told')
})
