import { test } from 'tap'
import { ABANDONED_MS } from '../../../../src/stores/redis/redis-sessions.js'
import { createVault } from '../../../../src/stores/redis/vault.js'
import { startServer, withServer } from '../../../redis-server.js'
import {
  connect,
  draft,
  OTHER_KEY,
  patient,
  replace,
  sessionIn,
  standing,
  storeThrough,
} from '../../../redis-store.js'
import { DAY, HOUR, person, START, whole } from '../../../session-store-contract.js'

const keyOf = (id: string) => `callmask:2:session:${id}`
const UNREADABLE = { name: 'UnreadableSessionError' }

test('somebody who can write the store', withServer, async (t) => {
  const server = await startServer(t)
  const { client } = server
  const passedOver: string[] = []
  const world = standing()
  const options = { ...world.options, onUnreadable: (reason: string) => passedOver.push(reason) }
  const base = await connect(t, server.url, options)
  const { store } = patient(base, options)
  const theirs = patient(await connect(t, server.url, options, [OTHER_KEY]), options).store
  t.beforeEach(async () => {
    await client.flushall()
    world.time = START
    passedOver.length = 0
  })

  /** An open session of two people, and a call of the first. */
  async function open(first = 1, second = 2) {
    const session = sessionIn(await store.create(draft(first, second, { expiresAt: START + HOUR })))
    const [{ maskingNumber }] = session.participants
    const call = () => store.findLeg([whole(person(first))], maskingNumber)
    return { id: session.id, key: keyOf(session.id), call, maskingNumber }
  }

  t.test('cannot extend a session', async (t) => {
    const { id, key, call } = await open()
    await client.hset(key, 'x', START + DAY)
    world.time += 2 * HOUR
    await t.rejects(call(), UNREADABLE)
    await t.rejects(store.find(id), UNREADABLE)
    await t.rejects(store.change(id, { expiresAt: START + DAY, allowShortRest: false }), UNREADABLE)
  })

  t.test('cannot reopen a session, not even with an older sealed text', async (t) => {
    const { id, key, call } = await open()
    const before = await client.hgetall(key)
    await store.change(id, { expiresAt: START + DAY, allowShortRest: false })
    t.match(await store.close(id), { session: { closedAt: START } })
    const closed = await client.hgetall(key)
    const attempts: Record<string, string>[] = [
      { d: String(closed.d) },
      { d: String(before.d) },
      { d: String(before.d), x: String(before.x) },
      { v: String(before.v) },
    ]
    for (const attempt of attempts) {
      await client.del(key)
      await client.hset(key, { ...closed, ...attempt })
      await client.hdel(key, 'c')
      await t.rejects(call(), UNREADABLE, Object.keys(attempt).join())
    }
  })

  t.test('cannot close, abort or swap a session unnoticed', async (t) => {
    const [one, other] = [await open(1, 2), await open(3, 4)]
    const untouched = await client.hgetall(one.key)
    for (const attempt of [{ c: '1' }, { a: '1' }, { v: '2' }, { d: await client.hget(other.key, 'd') }]) {
      await client.del(one.key)
      await client.hset(one.key, { ...untouched, ...attempt })
      await t.rejects(one.call(), UNREADABLE, Object.keys(attempt).join())
      t.match(await other.call(), { kind: 'open' })
    }
    await client.del(one.key)
    await client.hset(one.key, untouched)
    t.match(await one.call(), { kind: 'open' })
  })

  t.test('cannot point an external id or an idempotency key at another session', async (t) => {
    const request = draft(1, 2, { externalId: 'order-1', idempotencyKey: 'key-1' })
    await store.create(request)
    const victim = sessionIn(await store.create(draft(3, 4, { externalId: 'order-2' })))
    for (const key of await client.keys('callmask:2:key:*')) {
      const [, fingerprint, at] = String(await client.get(key)).split('|')
      await client.set(key, [victim.id, fingerprint, at].join('|'))
    }
    t.match(await store.create(request), { kind: 'conflict' })
    t.match(await store.create({ ...request, idempotencyKey: undefined }), { kind: 'conflict' })
  })

  const damages: Record<string, (key: string) => Promise<unknown>> = {
    'altered tag': async (key) => {
      const text = String(await client.hget(key, 'd'))
      await client.hset(key, 'd', text.replace(/.{8}$/, 'AAAAAAAA'))
    },
    'no JSON': (key) => client.hset(key, 'd', base.vault.seal('[', `session ${key.slice(keyOf('').length)}`)),
    'no sealed text': (key) => client.hdel(key, 'd'),
    'unknown key': (key) => client.hset(key, 'd', createVault([OTHER_KEY]).seal('{}', 'session')),
    'wrong type': async (key) => {
      await client.del(key)
      await client.rpush(key, 'x')
    },
  }
  const reasons: Record<string, string> = { 'unknown key': 'unknown-key', 'wrong type': 'wrong-type' }

  for (const [name, damage] of Object.entries(damages)) {
    t.test(`a bad record (${name}) hides nothing else, and can be closed`, async (t) => {
      const [bad, good] = [await open(1, 2), await open(1, 3)]
      await damage(bad.key)
      const { sessions } = await store.list({ limit: 9 })
      t.same(
        sessions.map(({ id }) => id),
        [good.id],
      )
      t.same(await store.numbersOf([whole(person(1))]), [good.maskingNumber])
      t.same(passedOver, Array(2).fill(reasons[name] ?? 'altered'))
      t.equal(
        (await store.usage()).numbers.reduce((sum, { openLegs }) => sum + openLegs, 0),
        4,
      )
      await t.rejects(
        store.find(bad.id),
        name === 'wrong type'
          ? { name: 'StoreUnavailableError' }
          : { message: `a session cannot be read: ${reasons[name] ?? 'altered'}` },
      )
      await t.rejects(bad.call(), UNREADABLE)
      t.match(await good.call(), { kind: 'open' })
      await store.upkeep()

      for (let i = 0; i < 2; i++) t.same(await store.close(bad.id), { durable: true })
      t.equal(await bad.call(), undefined)
      t.equal(await store.find(bad.id), undefined)
      t.match(await store.change(bad.id, replace(9)), { kind: 'unknown' })
      t.ok((await client.pttl(bad.key)) > 0, 'and is forgotten one day')
      t.match((await store.list({ limit: 9 })).sessions, [{ id: good.id }])
    })
  }

  t.test('a book of a wrong type is skipped when numbers are counted', async (t) => {
    await open(1, 2)
    const [book = ''] = await client.keys('callmask:2:book:*')
    await client.del(book)
    await client.rpush(book, 'x')
    t.equal(
      (await store.usage()).numbers.reduce((sum, { openLegs }) => sum + openLegs, 0),
      1,
    )
    t.same(passedOver, ['wrong-type'])
  })

  t.test('an instance without the key can close a session for all instances', async (t) => {
    const { id, call } = await open()
    const late = storeThrough(base, options, async (command, run) => {
      if (command === 'cmUpdate') await theirs.close(id)
      return run()
    })
    t.match(await late.change(id, replace(9)), { kind: 'ended' })
    await t.rejects(call(), UNREADABLE)
    t.same(await store.close(id), { durable: true })
    t.equal(await call(), undefined)
    t.equal(await store.close('s_0'), undefined)
    const gone = storeThrough(base, options, async (command, run) => {
      if (command === 'cmEnd') await client.flushall()
      return run()
    })
    t.equal(await gone.close(id), undefined)
  })

  t.test('an unreadable session keeps its numbers taken', async (t) => {
    const { key } = await open(1, 2)
    for (const other of [3, 4]) await store.create(draft(1, other))
    await damages['altered tag']?.(key)
    world.time += 2 * ABANDONED_MS
    t.match(await store.create(draft(1, 5)), { kind: 'exhausted' }, 'it may be open elsewhere')
  })

  t.test('a pending change is dropped when its session became unreadable', async (t) => {
    const { id, key } = await open()
    await client.set('callmask:replicated', '1')
    t.match(await store.change(id, replace(9)), { kind: 'changed', durable: false })
    await client.hset(key, 'v', '1')
    await store.upkeep()
    t.same(passedOver, ['altered'])
    await store.upkeep()
    t.same(passedOver, ['altered'], 'once')
  })

  t.test('a close wins over concurrent changes', async (t) => {
    const { id, call } = await open()
    let changes = 0
    const overtaken = (times: number) =>
      storeThrough(base, options, async (command, run) => {
        if (command === 'cmClose' && changes < times) {
          changes += 1
          await store.change(id, { expiresAt: START + HOUR + changes, allowShortRest: false })
        }
        return run()
      })
    await t.rejects(overtaken(20).close(id), { name: 'StoreUnavailableError' })
    t.match(await overtaken(39).close(id), { session: { expiresAt: START + HOUR + 39, closedAt: START } })
    t.match(await call(), { kind: 'ended' })
  })
})
