import { test } from 'tap'
import { ABANDONED_MS } from '../../../src/masking/books.js'
import { bookKey, recordKey } from '../../../src/masking/keys.js'
import { RESERVATION_MS } from '../../../src/masking/reservations.js'
import type { CreateOutcome, SessionDraft } from '../../../src/masking/session-store.js'
import { StoreUnavailableError } from '../../../src/masking/storage.js'
import { draft, replace, sessionIn, standing } from '../../drafts.js'
import { DAY, HOUR, POOL, person, SECOND, START, whole } from '../../session-store-contract.js'
import { storeThrough } from '../../spied-storage.js'
import { memoryStorage, rulesOver, storeOver } from '../../store-under-test.js'

test('concurrent requests', async (t) => {
  /** A store, and the same one with some work done right before a step, the first `times` times after `skipped`. */
  async function open(more = {}) {
    const world = standing(more)
    const storage = memoryStorage(world.options.now)
    const store = await storeOver(storage, world.options)
    const before = (wanted: string, work: () => Promise<unknown>, times = 1, skipped = 0) => {
      let seen = 0
      return storeThrough(storage, world.options, async (operation, run) => {
        if (operation === wanted) seen += 1
        if (operation === wanted && seen > skipped && seen <= skipped + times) await work()
        return run()
      })
    }
    const reaches = async (n: number, dialled: string) => {
      const found = await store.findLeg([whole(person(n))], dialled)
      return found?.kind === 'open' ? found.leg.destination.slice(1) : found?.kind
    }
    return { world, storage, store, before, reaches }
  }
  const keyed = (more: Partial<SessionDraft> = {}) => draft(1, 2, { externalId: 'order-1', ...more })

  t.test('a change that another one overtook is made on the current record', async (t) => {
    const { store, before, reaches } = await open()
    const { id, participants } = sessionIn(await store.create(draft(1, 2)))
    let end = START + DAY
    const overtake = () => {
      end += SECOND
      return store.change(id, { expiresAt: end, allowShortRest: false })
    }
    t.match(await before('swap session', overtake, 2).change(id, replace(3)), {
      kind: 'changed',
      session: { expiresAt: START + DAY + 2 * SECOND, participants: [{}, { number: whole(person(3)) }] },
    })
    await t.rejects(before('swap session', overtake, 99).change(id, replace(4)), StoreUnavailableError)
    t.match(await before('swap session', () => store.close(id)).change(id, replace(5)), { kind: 'ended' })
    for (const n of [4, 5]) t.equal(await reaches(n, String(participants[1].maskingNumber)), undefined)
    t.match(
      await store.create(draft(5, 6)),
      { kind: 'created' },
      'the number claimed for the failed change is free again',
    )
  })

  t.test('a close that others overtook is made again, and gives up at last', async (t) => {
    const { store, before } = await open()
    const { id } = sessionIn(await store.create(draft(1, 2)))
    let changes = 0
    const overtake = () => {
      changes += 1
      return store.change(id, { expiresAt: START + HOUR + changes, allowShortRest: false })
    }
    await t.rejects(before('swap session', overtake, 99).close(id), { name: 'StoreUnavailableError' })
    t.match(await before('swap session', overtake, 19).close(id), {
      session: { expiresAt: START + HOUR + changes, closedAt: START },
    })
  })

  t.test('two creates with the same external id get the same session', async (t) => {
    const { store, before } = await open()
    const others: CreateOutcome[] = []
    const late = before('swap session', async () => others.push(await store.create(keyed())))
    t.match(await late.create(keyed()), {
      kind: 'existing',
      session: { id: sessionIn(await store.create(keyed())).id },
    })
    t.equal(others[0]?.kind, 'created')
    t.equal((await store.list({ limit: 9 })).sessions.length, 1)
  })

  t.test(
    'a create that finds no number gets the session that another create with the same external id opened',
    async (t) => {
      const { store, before } = await open()
      const full: string[] = []
      for (const other of [11, 12, 13]) full.push(sessionIn(await store.create(draft(1, other))).id)
      const theirs: CreateOutcome[] = []
      const late = before('swap session', async () => {
        await store.close(String(full[0]))
        theirs.push(await store.create(keyed({ allowShortRest: true })))
      })
      const outcome = await late.create(keyed())
      t.match(theirs, [{ kind: 'created' }])
      t.match(outcome, { kind: 'existing', session: { id: sessionIn(theirs[0] as CreateOutcome).id } })
      t.equal((await store.list({ limit: 9, status: 'open' })).sessions.length, 3)
    },
  )

  t.test(
    'of two creates with the same keys, one may find no number without hindering the other',
    async (t) => {
      const { store, before } = await open()
      // Between the claims of this one for its first and its second side, the other one finds nothing and gives up.
      const giveUp = async () => {
        const full: string[] = []
        for (const other of [11, 12, 13]) full.push(sessionIn(await store.create(draft(2, other))).id)
        t.match(await store.create(keyed()), { kind: 'exhausted', side: 1 })
        await store.close(String(full[0]))
      }
      const late = before('swap book', giveUp, 1, 1)
      const { id } = sessionIn(await late.create(keyed({ allowShortRest: true })))
      t.match(await store.create(keyed()), { kind: 'existing', session: { id } })
      t.equal((await store.list({ limit: 9, externalId: 'order-1' })).sessions.length, 1)
      for (const other of [31, 32])
        t.match(await store.create(draft(1, other)), { kind: 'created' }, 'nor is anything left taken')
    },
  )

  t.test('an external id stays with a session that is prolonged while the id is being taken', async (t) => {
    const { world, storage, store, before } = await open()
    const { id } = sessionIn(await store.create(keyed({ expiresAt: START + HOUR })))
    // The clock of the instance that prolongs it is behind.
    const behind = rulesOver({ ...storage, now: () => START }, world.options)
    const prolong = () => behind.change(id, { expiresAt: START + DAY, allowShortRest: false })
    world.time = START + HOUR
    const late = keyed({ createdAt: world.time, expiresAt: world.time + HOUR, fingerprint: 'other' })
    t.same(await before('swap session', prolong).create(late), { kind: 'conflict' })

    world.time = START + DAY
    const next = keyed({ createdAt: world.time, expiresAt: world.time + HOUR })
    t.match(await store.create(next), { kind: 'created' })
    t.same(
      await prolong(),
      { kind: 'ended' },
      'once the id is taken, no instance can prolong the old session',
    )
    t.match(await store.find(id), { expiresAt: START + DAY })
    t.equal((await store.list({ externalId: 'order-1', status: 'open', limit: 9 })).sessions.length, 1)
  })

  t.test(
    'a session whose number was given on cannot be prolonged by an instance that is behind',
    async (t) => {
      const { world, storage, store, reaches } = await open({ pool: POOL.slice(0, 1), restMs: 0 })
      const { id } = sessionIn(await store.create(draft(1, 2, { expiresAt: START + HOUR })))
      const behind = rulesOver({ ...storage, now: () => START }, world.options)
      world.time = START + HOUR
      t.match(await store.create(draft(1, 3, { createdAt: world.time })), { kind: 'created' })
      t.match(await behind.change(id, { expiresAt: START + DAY, allowShortRest: false }), { kind: 'ended' })
      t.equal(await reaches(1, POOL[0]), whole(person(3)))
      t.match(await behind.findLeg([whole(person(2))], POOL[0]), { kind: 'ended' }, 'nor connect anybody')
    },
  )

  t.test('a session that is prolonged while its number is asked for keeps it', async (t) => {
    const { world, storage, store, before, reaches } = await open({ pool: POOL.slice(0, 1), restMs: 0 })
    const { id } = sessionIn(await store.create(draft(1, 2, { expiresAt: START + HOUR })))
    const behind = rulesOver({ ...storage, now: () => START }, world.options)
    const prolong = () => behind.change(id, { expiresAt: START + DAY, allowShortRest: false })
    world.time = START + HOUR
    const late = before('swap session', prolong)
    t.match(await late.create(draft(1, 3, { createdAt: world.time })), { kind: 'exhausted', side: 0 })
    t.equal(await reaches(1, POOL[0]), whole(person(2)))
  })

  t.test('an idempotency key that two requests bind at the same time belongs to one session', async (t) => {
    const { store, before } = await open()
    const { id } = sessionIn(await store.create(keyed()))
    const bind = () => store.create(keyed({ idempotencyKey: 'k-2' }))
    const mine = await before('swap request', bind).create(keyed({ idempotencyKey: 'k-2' }))
    t.match(mine, { kind: 'existing', session: { id } })
    const takeKey = () => store.create(draft(5, 6, { idempotencyKey: 'k-3' }))
    t.same(await before('swap request', takeKey).create(keyed({ idempotencyKey: 'k-3' })), {
      kind: 'conflict',
    })
    const alsoBind = () => store.create(keyed({ idempotencyKey: 'k-5' }))
    t.match(await before('swap session', alsoBind).create(keyed({ idempotencyKey: 'k-4' })), {
      kind: 'existing',
      session: { id },
    })
  })

  t.test('a request whose keys are being taken by another one is in conflict for a short time', async (t) => {
    const { world, store, before } = await open()
    const crash = () => Promise.reject(new StoreUnavailableError())
    await t.rejects(before('swap session', crash, 9).create(keyed()), StoreUnavailableError)
    const other = () => store.create(keyed({ fingerprint: 'other' }))
    t.same(await other(), { kind: 'conflict' })
    world.time += RESERVATION_MS
    t.match(await other(), { kind: 'created' })
    t.same(await store.create(keyed()), { kind: 'conflict' })
    t.equal((await store.list({ limit: 9 })).sessions.length, 1)
  })

  t.test('a request that others thought dead opens no second session under its key', async (t) => {
    const { world, store, before } = await open()
    const taken: CreateOutcome[] = []
    const late = before('swap session', async () => {
      world.time += RESERVATION_MS
      taken.push(await store.create(keyed({ fingerprint: 'other', createdAt: world.time })))
    })
    t.same(await late.create(keyed()), { kind: 'conflict' })
    t.equal(taken[0]?.kind, 'created')
    t.equal((await store.list({ limit: 9 })).sessions.length, 1)
  })

  t.test('a request that seems dead and writes its session at that moment keeps its key', async (t) => {
    const { world, store, before } = await open()
    const crash = () => Promise.reject(new StoreUnavailableError())
    await t.rejects(before('swap session', crash, 9).create(keyed()), StoreUnavailableError)
    world.time += RESERVATION_MS
    const retry = async () => t.match(await store.create(keyed()), { kind: 'created' })
    t.same(await before('swap session', retry).create(keyed({ fingerprint: 'other' })), { kind: 'conflict' })
    t.equal((await store.list({ limit: 9 })).sessions.length, 1)
  })

  t.test('a create with a key alone that failed is done with the id that it reserved', async (t) => {
    const { store, before } = await open()
    const request = () => draft(1, 2, { idempotencyKey: 'key-1' })
    const crash = () => Promise.reject(new StoreUnavailableError())
    await t.rejects(before('swap session', crash, 9).create(request()), StoreUnavailableError)
    t.match(await store.create(request()), { kind: 'created' })
    t.match(
      await store.create(draft(1, 3)),
      { kind: 'created' },
      'the numbers of the failed attempt are those of the session',
    )
  })

  t.test('a create whose numbers were taken back meanwhile begins again', async (t) => {
    const { world, store, before, reaches } = await open({ pool: POOL.slice(0, 1) })
    const late = before('swap session', async () => {
      world.time += ABANDONED_MS + HOUR
      t.match(await store.create(draft(1, 3, { createdAt: world.time })), { kind: 'created' })
    })
    t.match(await late.create(draft(1, 2)), { kind: 'exhausted' })
    t.equal(await reaches(1, POOL[0]), whole(person(3)))
    t.equal(await reaches(2, POOL[0]), undefined)
  })

  t.test('a change whose number was taken back meanwhile is refused', async (t) => {
    const { world, store, before, reaches } = await open({ pool: POOL.slice(0, 1) })
    const { id } = sessionIn(await store.create(draft(1, 2)))
    const late = before('swap session', async () => {
      world.time += ABANDONED_MS + HOUR
      t.match(await store.create(draft(9, 3, { createdAt: world.time })), { kind: 'created' })
    })
    t.match(await late.change(id, replace(9)), { kind: 'taken' })
    t.equal(await reaches(9, POOL[0]), whole(person(3)))
    t.equal(await reaches(1, POOL[0]), whole(person(2)))
  })

  t.test('a number that a crashed create left claimed can be used again', async (t) => {
    const { world, store, before } = await open({ pool: POOL.slice(0, 1) })
    const { id } = sessionIn(await store.create(draft(1, 2)))
    const crash = () => Promise.reject(new StoreUnavailableError())
    await t.rejects(before('swap session', crash, 9).create(draft(3, 4)), StoreUnavailableError)
    const change = { replace: { side: 0, number: whole(person(3)) } as const, allowShortRest: false }
    t.match(
      await store.change(id, change),
      { kind: 'taken' },
      'the session of the claim may still be written',
    )
    world.time += ABANDONED_MS
    t.match(
      await store.change(id, change),
      { kind: 'taken', freeAt: START + HOUR },
      'the number rests from the time of the claim',
    )
    world.time = START + HOUR
    t.match(await store.change(id, change), {
      kind: 'changed',
      session: { participants: [{ number: whole(person(3)) }] },
    })
  })

  t.test('somebody who left and comes back at once is not taken for somebody who left', async (t) => {
    const { store, before, reaches } = await open({ pool: POOL.slice(0, 1) })
    const { id } = sessionIn(await store.create(draft(1, 2)))
    await store.change(id, replace(3))
    // While 2 comes back, somebody looks for a number for 2, and would take one that rests.
    const back = before('swap session', async () => {
      t.match(await store.create(draft(2, 7, { allowShortRest: true })), { kind: 'exhausted' })
    })
    t.match(await back.change(id, replace(2)), { kind: 'changed' })
    t.equal(await reaches(2, POOL[0]), whole(person(1)))
    t.match(await store.create(draft(2, 7)), { kind: 'exhausted' })
  })

  t.test('two changes that bring the same person do not take each other’s number away', async (t) => {
    const { store, before, reaches } = await open({ pool: POOL.slice(0, 1) })
    const { id } = sessionIn(await store.create(draft(1, 2)))
    const both = before('swap session', () => store.change(id, replace(3)))
    t.match(await both.change(id, replace(3)), { kind: 'changed' })
    t.equal(await reaches(3, POOL[0]), whole(person(1)))
    const refused = before('swap session', async () => {
      await store.change(id, replace(4))
      await store.close(id)
    })
    t.match(await refused.change(id, replace(4)), { kind: 'ended' })
    t.equal(await reaches(4, POOL[0]), 'ended')
  })

  t.test(
    'a leg that seems abandoned is not taken from a session that is written at that moment',
    async (t) => {
      const { world, store, before, reaches } = await open({ pool: POOL.slice(0, 1) })
      const crash = () => Promise.reject(new StoreUnavailableError())
      const request = () => draft(1, 2, { idempotencyKey: 'key-1' })
      await t.rejects(before('swap session', crash, 9).create(request()), StoreUnavailableError)
      world.time += ABANDONED_MS
      const retry = async () => t.match(await store.create(request()), { kind: 'created' })
      t.match(await before('swap session', retry).create(draft(1, 3)), { kind: 'exhausted', side: 0 })
      t.equal(await reaches(1, POOL[0]), whole(person(2)))
    },
  )

  t.test('nor from one whose participant is replaced at that moment', async (t) => {
    const { world, store, before, reaches } = await open({ pool: POOL.slice(0, 1) })
    const { id } = sessionIn(await store.create(draft(1, 2)))
    const crash = () => Promise.reject(new StoreUnavailableError())
    await t.rejects(before('swap session', crash, 9).change(id, replace(9)), StoreUnavailableError)
    world.time += ABANDONED_MS
    const retry = async () => t.match(await store.change(id, replace(9)), { kind: 'changed' })
    t.match(await before('swap session', retry).create(draft(9, 3)), { kind: 'exhausted', side: 0 })
    t.equal(await reaches(9, POOL[0]), whole(person(1)))
  })

  t.test('who is overtaken each time gives up', async (t) => {
    for (const step of ['swap book', 'swap name', 'swap session']) {
      const { world, storage } = await open()
      const late = storeThrough(storage, world.options, async (operation, run) =>
        operation === step ? false : run(),
      )
      await t.rejects(late.create(keyed()), { name: 'StoreUnavailableError' }, step)
    }
  })

  t.test('a refused change that is overtaken once more still leaves nothing taken', async (t) => {
    const { world, storage, store } = await open({ pool: POOL.slice(0, 1) })
    const { id } = sessionIn(await store.create(draft(1, 2)))
    let swaps = 0
    const late = storeThrough(storage, world.options, async (operation, run) => {
      if (operation !== 'swap session') return run()
      swaps += 1
      if (swaps === 1) await store.close(id)
      return swaps === 2 ? false : run()
    })
    t.match(await late.change(id, replace(9)), { kind: 'ended' })
    t.equal(swaps, 3)
    t.match(await store.create(draft(9, 8)), { kind: 'created' })
  })

  t.test('a mistake after the commit of a replacement is not hidden', async (t) => {
    const { world, storage, store } = await open()
    const { id } = sessionIn(await store.create(draft(1, 2)))
    let isCommitted = false
    const broken = storeThrough(storage, world.options, async (operation, run) => {
      if (operation === 'read book' && isCommitted) throw new TypeError('a mistake')
      const result = await run()
      if (operation === 'swap session') isCommitted = true
      return result
    })
    await t.rejects(broken.change(id, replace(3)), { name: 'TypeError' })
  })

  t.test('a lost session whose number somebody else has since is not written again', async (t) => {
    const world = standing({ pool: POOL.slice(0, 1) })
    let isConfirmed = false
    const storage = { ...memoryStorage(world.options.now), confirm: async () => isConfirmed }
    const store = await storeOver(storage, world.options)
    const lost = await store.create(draft(1, 2))
    t.match(lost, { kind: 'created', durable: false })
    const { id } = sessionIn(lost)
    // Both shards are lost with their servers.
    for (const key of [recordKey(id), bookKey(whole(person(1)))]) {
      const [was] = await storage.read([key])
      await storage.swap({ key, was, value: undefined, until: 0 })
    }
    isConfirmed = true
    await store.create(draft(1, 9))
    await store.upkeep()
    t.equal(await store.find(id), undefined)
    t.match(await store.findLeg([whole(person(1))], POOL[0]), {
      leg: { destination: `+${whole(person(9))}` },
    })
  })
})
