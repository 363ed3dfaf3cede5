import { test } from 'tap'
import { draft, replace, sessionIn, standing } from '../../drafts.js'
import { OTHER_KEY, STORE_KEY } from '../../redis-store.js'
import { openTexts, sealedOver } from '../../sealed-store.js'
import { DAY, HOUR, person, START, whole } from '../../session-store-contract.js'
import { rulesOver, type SessionStore, storeOver } from '../../store-under-test.js'

test('while keys are rotated', async (t) => {
  const pool = Array.from({ length: 40 }, (_, i) => String(919000001000 + i))
  async function begin() {
    const world = standing({ pool })
    const texts = openTexts(world.options.now)
    const old = sealedOver(texts, STORE_KEY)
    const store = await storeOver(old.storage, world.options)
    const withKeys = (...keys: [string, ...string[]]) => {
      const sealed = sealedOver(texts, ...keys)
      return { ...sealed, store: rulesOver(sealed.storage, world.options) }
    }
    return {
      world,
      texts,
      old: { ...old, store },
      /** Reads the new key already, and writes the old one. */
      behind: withKeys(STORE_KEY, OTHER_KEY),
      rotating: withKeys(OTHER_KEY, STORE_KEY),
      withKeys,
    }
  }
  const reaches = async (store: SessionStore, n: number, dialled: string) => {
    const found = await store.findLeg([whole(person(n))], dialled)
    return found?.kind === 'open' ? found.leg.destination.slice(1) : found?.kind
  }

  t.test('a session written under the old key is read, changed and closed', async (t) => {
    const { old, rotating } = await begin()
    const first = draft(1, 2, { externalId: 'order-1' })
    const { id, participants } = sessionIn(await old.store.create(first))
    const dialled = participants[0].maskingNumber
    t.equal(await reaches(rotating.store, 1, dialled), whole(person(2)))
    t.match(await rotating.store.list({ limit: 9 }), { sessions: [{ id }] })
    t.match(await rotating.store.create(first), { kind: 'existing', session: { id } })
    t.match(await rotating.store.create({ ...first, fingerprint: 'other' }), { kind: 'conflict' })

    t.match(await rotating.store.change(id, replace(3)), { kind: 'changed' })
    t.equal(await reaches(rotating.store, 1, dialled), whole(person(3)))
    t.equal(await reaches(rotating.store, 3, participants[1].maskingNumber), whole(person(1)))
    t.equal(await reaches(rotating.store, 2, participants[1].maskingNumber), undefined)
    t.match(await rotating.store.close(id), { session: { closedAt: START } })
    t.equal(await reaches(rotating.store, 1, dialled), 'ended')
  })

  t.test(
    'a person’s numbers are never given twice, whichever key writes, nor is their rest cut short',
    async (t) => {
      const { world, rotating, behind } = await begin()
      const outcomes = await Promise.all(
        pool.map((_, i) => (i % 2 ? behind : rotating).store.create(draft(1, 100 + i))),
      )
      const given = outcomes.map((outcome) => sessionIn(outcome).participants[0].maskingNumber)
      t.equal(new Set(given).size, pool.length)
      for (const { store } of [rotating, behind])
        t.match(await store.create(draft(1, 300)), { kind: 'exhausted', nextFreeAt: START + 30 * DAY + HOUR })
      for (const { id } of (await rotating.store.list({ limit: 100 })).sessions) await behind.store.close(id)
      for (const { store } of [rotating, behind])
        t.match(await store.create(draft(1, 300)), { kind: 'exhausted', nextFreeAt: START + HOUR }, 'at rest')
      t.match(await rotating.store.create(draft(1, 101)), { kind: 'created' }, 'not for the same pair')
      world.time += HOUR
      t.match(await rotating.store.create(draft(1, 301)), { kind: 'created' })
    },
  )

  t.test('an external id and an idempotency key lead on, and its sessions are listed as one', async (t) => {
    const { old, rotating, behind } = await begin()
    const named = draft(1, 2, { externalId: 'order-1', idempotencyKey: 'key-1' })
    const first = sessionIn(await old.store.create(named))
    for (const { store } of [rotating, behind]) {
      t.match(await store.create(named), { kind: 'existing', session: { id: first.id } })
      t.match(await store.create({ ...named, fingerprint: 'other' }), { kind: 'conflict' })
    }
    await rotating.store.close(first.id)
    t.match(await behind.store.create(named), { kind: 'existing', session: { id: first.id } }, 'for good')
    const second = sessionIn(await rotating.store.create(draft(3, 4, { externalId: 'order-1' })))
    t.match(await behind.store.create(draft(5, 6, { externalId: 'order-1' })), { kind: 'conflict' })
    const { sessions } = await behind.store.list({ externalId: 'order-1', limit: 9 })
    t.same(sessions.map(({ id }) => id).toSorted(), [first.id, second.id].toSorted())
  })

  t.test('one external id is never two open sessions, whoever asks at the same time', async (t) => {
    const { rotating, behind } = await begin()
    const named = draft(1, 2, { externalId: 'order-1', idempotencyKey: 'key-1' })
    const asked = Array.from({ length: 20 }, (_, i) => (i % 2 ? rotating : behind).store.create(named))
    const ids = (await Promise.all(asked)).map((outcome) => sessionIn(outcome).id)
    t.equal(new Set(ids).size, 1, 'and everybody gets it')
    t.equal((await rotating.store.list({ limit: 9 })).sessions.length, 1)
  })

  t.test('what is written with the new key is unreadable for who has only the old one', async (t) => {
    const { old, rotating, behind } = await begin()
    const { id, participants } = sessionIn(await rotating.store.create(draft(1, 2)))
    await t.rejects(reaches(old.store, 1, participants[0].maskingNumber), {
      name: 'UnreadableSessionError',
      reason: 'unknown-key',
    })
    await t.rejects(old.store.find(id), { name: 'UnreadableSessionError', reason: 'unknown-key' })
    t.equal(await reaches(behind.store, 1, participants[0].maskingNumber), whole(person(2)))
  })

  t.test(
    'an instance that only has the new key works once one with both has looked after the store',
    async (t) => {
      const { old, rotating, withKeys } = await begin()
      const before = sessionIn(await old.store.create(draft(1, 2)))
      await t.rejects(withKeys(OTHER_KEY).store.create(draft(5, 6)), { name: 'StoreUnavailableError' })
      await rotating.refresh()
      const anew = withKeys(OTHER_KEY).store
      await t.rejects(
        anew.find(before.id),
        { name: 'UnreadableSessionError' },
        'its key was removed too early',
      )
      t.match(await anew.close(before.id), { session: undefined, durable: true }, 'but it can be closed')
      const dialled = before.participants[0].maskingNumber
      t.equal(await reaches(rotating.store, 1, dialled), undefined)
      const after = sessionIn(await rotating.store.create(draft(7, 8)))
      t.equal(await reaches(anew, 7, after.participants[0].maskingNumber), whole(person(8)))
    },
  )
})
