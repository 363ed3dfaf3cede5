import { type Test, test } from 'tap'
import { connectedKey } from '../../../src/calls/admission.js'
import { callKey } from '../../../src/calls/calls.js'
import { ALL_SESSIONS, bookKey, nameKey, recordKey } from '../../../src/masking/keys.js'
import type { Key, Storage } from '../../../src/masking/storage.js'
import { checkStore } from '../../../src/masking/store-check.js'
import { draft, sessionIn } from '../../drafts.js'
import { openTexts, sealedOver } from '../../sealed-store.js'
import { DAY, HOUR, POOL, person, START, whole } from '../../session-store-contract.js'
import { spiedOn } from '../../spied-storage.js'
import { memoryStorage, rulesOver, storeOver } from '../../store-under-test.js'

const KEYS = ['a', 'b'].map((letter) => Buffer.alloc(32, letter).toString('base64')) as [string, string]
const FINE = { unreadable: 0, sidesWithoutLeg: 0, unlisted: 0 }
const NOTHING = { legs: 0, keys: 0, entries: 0 }
const MEMORY = { restMs: DAY }

async function filled(_t: Test, storage?: Storage) {
  const world = { time: START }
  const now = () => world.time
  const kept = storage ?? memoryStorage(now)
  const options = { now, pool: POOL, restMs: DAY, fixed: [] }
  const store = await storeOver(kept, options)
  const open = sessionIn(await store.create(draft(1, 2, { externalId: 'order' })))
  const ended = sessionIn(await store.create(draft(3, 4, { idempotencyKey: 'key' })))
  await store.close(ended.id)
  return Object.assign(world, { storage: kept, options, store, open, ended })
}

async function remove(storage: Storage, key: Key): Promise<void> {
  const [was] = await storage.read([key])
  await storage.swap({ key, was, value: undefined, until: 0 })
}

test('a store in which all fits together has nothing to report', async (t) => {
  const world = await filled(t)
  const { store, open } = world
  await store.change(open.id, { replace: { side: 0, number: whole(person(5)) }, allowShortRest: false })
  t.same(await checkStore(world.storage, MEMORY), {
    holds: { sessions: 2, open: 1, books: 5, legs: 5, keys: 2, old: 0 },
    wrong: FINE,
    leftOver: NOTHING,
  })
  world.time += 40 * DAY
  t.match(
    await checkStore(world.storage, MEMORY),
    { holds: { sessions: 0, open: 0 }, wrong: FINE },
    'forgotten',
  )
})

test('a side of an open session to which no book leads is wrong', async (t) => {
  const { storage } = await filled(t)
  await remove(storage, bookKey(whole(person(2))))
  t.match(await checkStore(storage, MEMORY), { wrong: { ...FINE, sidesWithoutLeg: 1 } })
  await remove(storage, bookKey(whole(person(1))))
  t.match(await checkStore(storage, MEMORY), { wrong: { ...FINE, sidesWithoutLeg: 2 } })
  await remove(storage, bookKey(whole(person(3))))
  t.match(
    await checkStore(storage, MEMORY),
    { wrong: { ...FINE, sidesWithoutLeg: 2 } },
    'one that is over needs none',
  )
})

test('a session that ends, or gets somebody else, while it is looked at is not wrong', async (t) => {
  for (const happen of ['close', 'replace'] as const) {
    const { storage, store, open } = await filled(t)
    let seen = 0
    const busy = spiedOn(storage, async (operation, run) => {
      if (operation === 'read book' && seen++ === 0) {
        if (happen === 'close') await store.close(open.id)
        else
          await store.change(open.id, {
            replace: { side: 1, number: whole(person(9)) },
            allowShortRest: true,
          })
        await remove(storage, bookKey(whole(person(2))))
      }
      return run()
    })
    t.match(await checkStore(busy, MEMORY), { wrong: FINE }, happen)
  }
})

test('a session that is no more, or cannot be read, when it is looked at again is not wrong as well', async (t) => {
  for (const text of [undefined, 'nothing']) {
    const texts = openTexts(() => START)
    const { storage } = sealedOver(texts, KEYS[0])
    const { open } = await filled(t, storage)
    await remove(storage, bookKey(whole(person(1))))
    await storage.delist(ALL_SESSIONS, [{ id: open.id, at: START }])
    const busy = spiedOn(storage, async (operation, run) => {
      const found = await run()
      if (operation === 'read book') await texts.put('session', open.id, text)
      return found
    })
    t.match(await checkStore(busy, MEMORY), { wrong: FINE }, String(text))
  }
})

test('an external id or idempotency key that cannot be read is wrong, and leads nowhere', async (t) => {
  const texts = openTexts(() => START)
  const { storage } = sealedOver(texts, KEYS[0])
  await filled(t, storage)
  const [name = ''] = await texts.idsOf('name')
  await texts.put('name', name, 'nothing')
  t.match(await checkStore(storage, MEMORY), {
    holds: { keys: 1 },
    wrong: { ...FINE, unreadable: 1 },
    leftOver: NOTHING,
  })
})

test('what is kept of calls must be readable too', async (t) => {
  const texts = openTexts(() => START)
  const { storage } = sealedOver(texts, KEYS[0])
  await filled(t, storage)
  const [call, connected] = [callKey('a-call'), connectedKey('s_1')]
  for (const key of [call, connected])
    await storage.swap({ key, was: undefined, value: {}, until: START + DAY })
  t.match(await checkStore(storage, MEMORY), { wrong: FINE, holds: { old: 0 } })
  const { old } = (await checkStore(sealedOver(texts, KEYS[1], KEYS[0]).storage, MEMORY)).holds
  await texts.put('connected', 's_1', undefined)
  t.equal((await checkStore(sealedOver(texts, KEYS[1], KEYS[0]).storage, MEMORY)).holds.old, old - 1)
  await texts.put('call', 'a-call', 'nothing')
  t.match(await checkStore(storage, MEMORY), { wrong: { ...FINE, unreadable: 1 } })
})

test('a session that is in no list is wrong, and an entry without a session is left over', async (t) => {
  const world = await filled(t)
  const { storage, open, ended } = world
  await storage.delist(ALL_SESSIONS, [{ id: open.id, at: START }])
  await remove(storage, recordKey(ended.id))
  t.match(await checkStore(storage, MEMORY), { wrong: { ...FINE, unlisted: 1 }, leftOver: { entries: 0 } })
  world.time += HOUR
  t.match(await checkStore(storage, MEMORY), { wrong: { ...FINE, unlisted: 1 }, leftOver: { entries: 1 } })
})

test('what a crash leaves is left over, once nobody can go on with it', async (t) => {
  const world = await filled(t)
  const { storage, options } = world
  const dying = rulesOver(
    spiedOn(storage, (operation, run) => {
      if (operation !== 'swap session') return run()
      return Promise.reject(new Error('the process dies'))
    }),
    options,
  )
  await t.rejects(dying.create(draft(7, 8, { externalId: 'other' })))
  t.match(
    await checkStore(storage, MEMORY),
    { wrong: FINE, leftOver: NOTHING },
    'it may be about to be written',
  )
  world.time += HOUR
  t.match(await checkStore(storage, MEMORY), { wrong: FINE, leftOver: { legs: 2, keys: 1, entries: 1 } })
  t.match(await storage.read([nameKey('other')]), [{ value: { a: START } }])
})

test('what cannot be read is wrong, and what is sealed with an older key is counted', async (t) => {
  const texts = openTexts(() => START)
  const old = sealedOver(texts, KEYS[0])
  await old.refresh()
  await filled(t, old.storage)
  const { storage } = sealedOver(texts, KEYS[1], KEYS[0])
  t.match(await checkStore(storage, MEMORY), { holds: { sessions: 2, old: 9 }, wrong: FINE })
  const [id = ''] = await texts.idsOf('book')
  await texts.put('book', id, `${(await texts.textOf('book', id)).slice(0, -4)}AAAA`)
  await texts.put('session', 's_bad', 'nonsense')
  t.match(await checkStore(storage, MEMORY), { wrong: { unreadable: 2, unlisted: 0 } })
})
