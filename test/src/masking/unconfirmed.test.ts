import { test } from 'tap'
import { OWN_MS } from '../../../src/events/relay.js'
import { BOOK_KIND, bookKey, recordKey, SESSION_ENDS, SESSIONS_TO_TELL } from '../../../src/masking/keys.js'
import { readRecord, recordValue } from '../../../src/masking/record.js'
import { type Key, StoreUnavailableError, type Unreadable } from '../../../src/masking/storage.js'
import { draft, replace, sessionIn, standing } from '../../drafts.js'
import { OTHER_KEY, STORE_KEY } from '../../redis-store.js'
import { openTexts, sealedOver } from '../../sealed-store.js'
import { person, whole } from '../../session-store-contract.js'
import { rulesOver, storeOver } from '../../store-under-test.js'
import { toldOver } from '../../told.js'

const WHOLE_LIST = { order: 'oldest first', limit: 100 } as const

/** An instance whose changes may still be lost, and what happens to the store beside it. */
async function unsure() {
  const world = standing()
  const { options } = world
  const texts = openTexts(options.now)
  const { storage } = sealedOver(texts, STORE_KEY)
  const server = { isSafe: false, isDown: false, onRead: async (_key: Key | undefined) => {} }
  const told: Unreadable[] = []
  const confirmed: Key[] = []
  const telling = toldOver(storage)
  const ours = {
    ...storage,
    confirm: async (keys: readonly Key[]) => {
      confirmed.push(...keys)
      return server.isSafe
    },
    read: async (keys: readonly Key[]) => {
      if (server.isDown) throw new StoreUnavailableError()
      await server.onRead(keys[0])
      return storage.read(keys)
    },
  }
  const tells = { toTell: telling.sessionsToTell, nearMs: 0 }
  const store = await storeOver(ours, { ...options, tells, onUnreadable: (reason) => told.push(reason) })
  const lose = async (key: Key) => {
    const [was] = await storage.read([key])
    await storage.swap({ key, was, value: undefined, until: 0 })
  }
  return { world, options, texts, storage, server, told, store, lose, confirmed, telling }
}

test('an unconfirmed session that cannot be read any more keeps no other from being written again', async (t) => {
  const { texts, server, told, store, lose } = await unsure()
  const bad = await store.create(draft(1, 2))
  t.match(bad, { kind: 'created', durable: false })
  const lost = sessionIn(await store.create(draft(3, 4)))
  await texts.put('session', sessionIn(bad).id, 'nothing')
  await lose(recordKey(lost.id))
  server.isSafe = true
  await store.upkeep()
  t.same(told, ['unknown-key'])
  t.match(await store.find(lost.id), { id: lost.id })
  t.equal(await texts.textOf('session', sessionIn(bad).id), 'nothing', 'it may be read by others')
})

test('a close that was undone with a server is written again, also while no other has it', async (t) => {
  const { storage, store } = await unsure()
  const { id } = sessionIn(await store.create(draft(1, 2)))
  const [before] = await storage.read([recordKey(id)])
  t.match(await store.close(id), { durable: false })
  const [closed] = await storage.read([recordKey(id)])
  t.ok(
    await storage.swap({ key: recordKey(id), was: closed, value: before?.value, until: 'as before' }),
    'a replica that lacks the close has taken over',
  )
  t.equal((await store.find(id))?.closedAt, undefined)
  await store.upkeep()
  t.ok((await store.find(id))?.closedAt)
})

test('how many changes may still be lost is counted, each session once, until they are confirmed', async (t) => {
  const { server, store } = await unsure()
  t.equal(store.unconfirmed(), 0)
  const { id } = sessionIn(await store.create(draft(1, 2)))
  await store.create(draft(3, 4))
  await store.close(id)
  t.equal(store.unconfirmed(), 2)
  await store.upkeep()
  t.equal(store.unconfirmed(), 2)
  server.isSafe = true
  await store.upkeep()
  t.equal(store.unconfirmed(), 0)
})

test('so is the end of a session that cannot be read', async (t) => {
  const { texts, server, store } = await unsure()
  const { id } = sessionIn(await store.create(draft(1, 2)))
  const unreadable = sealedOver(texts, OTHER_KEY).vault.seal('{}', `session/${id}`)
  await texts.put('session', id, unreadable)
  t.same(await store.close(id), { durable: false })
  for (const isSafe of [false, true]) {
    server.isSafe = isSafe
    await texts.put('session', id, unreadable)
    await store.upkeep()
    t.not(await texts.textOf('session', id), unreadable)
  }
})

test('what leads to what is told may be on another server, and is confirmed and listed again with the session', async (t) => {
  const { world, storage, server, store, confirmed, telling } = await unsure()
  const { id } = sessionIn(await store.create(draft(1, 2)))
  const lists = [SESSIONS_TO_TELL, SESSION_ENDS]
  for (const list of lists) {
    t.ok(confirmed.includes(list), list.kind)
    await storage.delist(list, await storage.entries(list, WHOLE_LIST))
  }
  server.isSafe = true
  await store.upkeep()
  for (const list of lists) t.match(await storage.entries(list, WHOLE_LIST), [{ id: new RegExp(`^${id}`) }])
  world.time += OWN_MS
  await telling.relay.upkeep()
  t.match(await telling.events(), [{ type: 'session.opened', sessionId: id }])
})

test('a session that another instance ends while it is written again stays ended', async (t) => {
  const { storage, server, store } = await unsure()
  const { id } = sessionIn(await store.create(draft(1, 2)))
  server.onRead = async (asked) => {
    if (asked?.kind !== BOOK_KIND) return
    const key = recordKey(id)
    const [was] = await storage.read([key])
    const value = recordValue({ kind: 'closed-unread' })
    await storage.swap({ key, was, value, until: 'as before' })
  }
  await store.upkeep()
  t.equal(await store.find(id), undefined)
  t.match(readRecord(id, (await storage.read([recordKey(id)]))[0]), { kind: 'closed-unread' })
})

test('of many changes that cannot be confirmed, each has its turn to be written again', async (t) => {
  const { store, lose } = await unsure()
  const ids: string[] = []
  for (let i = 0; i < 101; i++) ids.push(sessionIn(await store.create(draft(2 * i, 2 * i + 1))).id)
  const last = String(ids.at(-1))
  await lose(recordKey(last))
  await store.upkeep()
  t.equal(await store.find(last), undefined)
  await store.upkeep()
  t.match(await store.find(last), { id: last })
})

test('what a store that fails keeps from being confirmed is confirmed later', async (t) => {
  const { server, store, lose } = await unsure()
  const { id } = sessionIn(await store.create(draft(1, 2)))
  await lose(recordKey(id))
  Object.assign(server, { isSafe: true, isDown: true })
  await t.rejects(store.upkeep(), StoreUnavailableError)
  server.isDown = false
  t.equal(await store.find(id), undefined)
  await store.upkeep()
  t.match(await store.find(id), { id })
})

test('what another instance has made of an unconfirmed session since is what is written again', async (t) => {
  const { options, storage, server, store, lose } = await unsure()
  const { id, participants } = sessionIn(await store.create(draft(1, 2)))
  t.match(await rulesOver(storage, options).change(id, replace(3)), { kind: 'changed' })
  await lose(bookKey(whole(person(3))))
  server.isSafe = true
  await store.upkeep()
  const { maskingNumber } = participants[1]
  t.match(await store.findLeg([whole(person(3))], maskingNumber), { kind: 'open' })
  t.not((await store.findLeg([whole(person(2))], maskingNumber))?.kind, 'open')
})

test('an unconfirmed session that another instance closed unread stays closed', async (t) => {
  const { options, texts, storage, server, store } = await unsure()
  const { id, participants } = sessionIn(await store.create(draft(1, 2)))
  // As whoever lacks the key closes it, and as those see it who have both.
  const own = await texts.textOf('session', id)
  await texts.put('session', id, sealedOver(texts, OTHER_KEY).vault.seal('{}', `session/${id}`))
  t.same(await rulesOver(storage, options).close(id), { durable: true })
  t.not(await texts.textOf('session', id), own)
  const books = participants.map(({ number }) => bookKey(number))
  const before = await storage.read(books)
  server.isSafe = true
  await store.upkeep()
  t.same(await storage.read(books), before, 'it takes no number again')
  for (const { number, maskingNumber } of participants)
    t.equal(await store.findLeg([number], maskingNumber), undefined)
  t.equal(await store.find(id), undefined)
})
