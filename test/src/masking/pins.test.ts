import { type Test, test } from 'tap'
import { ABANDONED_MS } from '../../../src/masking/books.js'
import { createErasure } from '../../../src/masking/erasure.js'
import { bookKey, HASHED_KINDS, PIN_KIND, pinKey, recordKey } from '../../../src/masking/keys.js'
import { sessionsOf } from '../../../src/masking/people.js'
import { createPins, MAX_DRAWS, ownerIn } from '../../../src/masking/pins.js'
import { MAX_PHONES, type Side } from '../../../src/masking/session.js'
import type { ChangeOutcome, CreateOutcome, SessionDraft } from '../../../src/masking/session-store.js'
import type { Storage } from '../../../src/masking/storage.js'
import { createStorage, plainScript } from '../../../src/stores/storage.js'
import { draft, replace, sessionIn } from '../../drafts.js'
import type { StorageMaker } from '../../erasure-contract.js'
import { onEveryStorage } from '../../every-storage.js'
import { STORE_KEY } from '../../redis-store.js'
import { openTexts, sealedOver } from '../../sealed-store.js'
import { DAY, HOUR, POOL, person, SECOND, START, whole } from '../../session-store-contract.js'
import { spiedOn } from '../../spied-storage.js'
import { memoryStorage, type SessionStore, storeOver } from '../../store-under-test.js'

interface World {
  readonly storage: Storage
  readonly store: SessionStore
  time: number
}

const LENGTH = 6

async function open(make: StorageMaker, more: { pinLength?: number; pool?: readonly string[] } = {}) {
  const world = { time: START } as { -readonly [name in keyof World]: World[name] }
  world.storage = await make(() => world.time)
  const options = { now: () => world.time, pool: POOL, restMs: DAY, fixed: [], pinLength: LENGTH, ...more }
  world.store = await storeOver(world.storage, options)
  return world as World
}

const inMemory: StorageMaker = async (now) => memoryStorage(now)

const create = (world: World, one: number, other: number, more: Partial<SessionDraft> = {}) =>
  world.store.create(draft(one, other, { createdAt: world.time, expiresAt: world.time + HOUR, ...more }))

/** The PINs of an outcome that has two. */
function pinsIn(outcome: CreateOutcome | ChangeOutcome): [string, string] {
  if (outcome.kind === 'created' || outcome.kind === 'changed')
    return outcome.pins.map(String) as [string, string]
  throw new Error(`no PINs: ${outcome.kind}`)
}

async function idsOf(storage: Storage, kind: string): Promise<string[]> {
  const names: string[] = []
  for await (const found of storage.all(kind)) names.push(...found.map(({ name }) => name))
  return names
}

async function opened(world: World, one: number, other: number, more: Partial<SessionDraft> = {}) {
  const outcome = await create(world, one, other, more)
  const session = sessionIn(outcome)
  const [first, second] = session.participants.map(({ maskingNumber }) => maskingNumber) as [string, string]
  return { session, pins: pinsIn(outcome), numbers: [first, second] as const }
}

/** Whom a PIN reaches on a number. */
const reached = async ({ store }: World, pin: string, number: string) =>
  (await store.findByPin(pin, number))?.destination
const from = async ({ store }: World, n: number, number: string) => {
  const found = await store.findLeg([whole(person(n))], number)
  return found?.kind === 'open' ? found.leg.destination : found?.kind
}
const destination = (n: number) => `+${whole(person(n))}`

onEveryStorage('PINs', async (t, make) => {
  t.test('each participant has a PIN, which opens their leg on their own number', async (t) => {
    const world = await open(make)
    const { session, pins, numbers } = await opened(world, 1, 2)
    for (const pin of pins) t.match(pin, /^\d{6}$/)
    t.match(await world.store.findByPin(pins[0], numbers[0]), {
      destination: destination(2),
      callerIdShown: `+${numbers[1]}`,
      sessionId: session.id,
      side: 0,
    })
    t.equal(await reached(world, pins[1], numbers[1]), destination(1))
    t.equal(await reached(world, pins[0], numbers[1]), undefined)
    t.equal(await reached(world, 'none', numbers[0]), undefined)
    await world.store.close(session.id)
    t.equal(await reached(world, pins[0], numbers[0]), undefined, 'closed is closed')
  })

  t.test('a session that goes on for longer keeps its PINs', async (t) => {
    const world = await open(make)
    const { session, pins, numbers } = await opened(world, 1, 2)
    await world.store.change(session.id, { expiresAt: START + 30 * DAY, allowShortRest: false })
    world.time = START + 29 * DAY
    await world.store.upkeep()
    t.equal(await reached(world, pins[0], numbers[0]), destination(2))
    world.time = START + 30 * DAY
    t.equal(await reached(world, pins[0], numbers[0]), undefined)
  })

  t.test('of many that are opened at once on one number, each has PINs of its own', async (t) => {
    const world = await open(make)
    // Of 40 PINs, 30 are wanted.
    let drawn = 0
    const random = () => drawn++ % 40
    const pins = createPins({ storage: world.storage, length: 4, random })
    const all = await Promise.all(
      Array.from({ length: 15 }, (_, i) =>
        pins.drawFor(sessionOn('919000000011', `s_${i}`), [0, 1], START + DAY),
      ),
    )
    const texts = all.flatMap((one) => ('lacking' in one ? [] : one.map((pin) => pin?.pin)))
    t.equal(new Set(texts).size, 30)
    t.equal((await idsOf(world.storage, PIN_KIND)).length, 30)
  })

  t.test('the same request at the same time leaves one PIN a side', async (t) => {
    const world = await open(make)
    const outcomes = await Promise.all(
      Array.from({ length: 5 }, () => create(world, 1, 2, { idempotencyKey: 'a', fingerprint: 'a' })),
    )
    const kinds = outcomes.map(({ kind }) => kind).sort()
    t.same(kinds, ['created', 'existing', 'existing', 'existing', 'existing'])
    t.equal((await idsOf(world.storage, PIN_KIND)).length, 2)
  })

  t.test('a phone that is remembered calls without a PIN, until the participant leaves', async (t) => {
    const world = await open(make)
    const { session, numbers } = await opened(world, 1, 2)
    t.equal(await from(world, 7, numbers[1]), undefined)
    t.equal(await world.store.remember(session.id, 1, whole(person(7))), true)
    t.equal(await world.store.remember(session.id, 1, whole(person(7))), true, 'again')
    t.equal(await from(world, 7, numbers[1]), destination(1))
    t.equal(await from(world, 7, numbers[0]), undefined)

    await world.store.change(session.id, { expiresAt: START + 30 * DAY, allowShortRest: false })
    world.time = START + 29 * DAY
    await world.store.upkeep()
    t.equal(await from(world, 7, numbers[1]), destination(1), 'for as long as the session')
    await world.store.change(session.id, replace(3))
    t.equal(await from(world, 7, numbers[1]), undefined)
    t.equal(await from(world, 3, numbers[1]), destination(1))
    const { sessions } = await sessionsOf(whole(person(7)), 9, { storage: world.storage, restMs: DAY })
    t.match(sessions, [{ session: { id: session.id }, side: undefined }], 'it is found of whoever left')
  })
})

const sessionOn = (maskingNumber: string, id: string) => ({
  id,
  participants: [{ maskingNumber }, { maskingNumber }] as const,
})

test('a session without PINs is opened as before', async (t) => {
  const world = await open(inMemory, { pinLength: undefined as never })
  const outcome = await create(world, 1, 2)
  t.match(outcome, { kind: 'created', pins: [undefined, undefined] })
  t.same(await idsOf(world.storage, PIN_KIND), [])
  const { id } = sessionIn(outcome)
  t.match(await world.store.change(id, { call: { forcePin: true }, allowShortRest: false }), {
    pins: [undefined, undefined],
  })
})

test('a PIN is nowhere in plain, neither in memory nor in a store', async (t) => {
  const contents: [string, (now: () => number) => { storage: Storage; dump: () => Promise<string> }][] = [
    [
      'memory',
      (now) => {
        const storage = memoryStorage(now)
        return { storage, dump: () => dumpOf(storage) }
      },
    ],
    [
      'a sealed store',
      (now) => {
        const { storage } = sealedOver(openTexts(now), STORE_KEY)
        return { storage, dump: () => dumpOf(storage) }
      },
    ],
  ]
  for (const [title, make] of contents) {
    let made: ReturnType<typeof make> | undefined
    const world = await open(
      async (now) => {
        made = make(now)
        return made.storage
      },
      { pinLength: 8 },
    )
    const { pins } = await opened(world, 1, 2)
    const dump = (await made?.dump()) ?? ''
    t.match(dump, 'session', title)
    for (const pin of pins) t.notMatch(dump, pin, title)
  }
  const plain = createStorage(
    openTexts(() => START),
    plainScript,
  )
  const world = await open(async () => plain)
  const { pins } = await opened(world, 1, 2)
  t.match(await dumpOf(plain), pins[0], 'this very test would find one')
})

/** All names and values of a storage, in plain. */
async function dumpOf(storage: Storage): Promise<string> {
  const all: unknown[] = []
  for (const kind of ['session', 'book', 'pin'])
    for await (const found of storage.all(kind)) all.push(kind, ...found)
  return JSON.stringify(all)
}

test('secrets that are hashed in memory have the same name again, and no other', async (t) => {
  const [one, other] = [memoryStorage(() => START), memoryStorage(() => START)]
  const name = await one.nameOf(pinKey('919000000011', '1234'))
  t.match(name, /^[\w-]{22}$/)
  t.equal(await one.nameOf(pinKey('919000000011', '1234')), name)
  t.not(await one.nameOf(pinKey('919000000012', '1234')), name)
  t.not(await other.nameOf(pinKey('919000000011', '1234')), name, 'each process has a key of its own')
  t.equal(await one.nameOf(bookKey('a')), 'a', 'what is no secret to be guessed stays as it is')
  t.same(HASHED_KINDS, [PIN_KIND])
})

test('a PIN is free for others once its session is over, or will never be', async (t) => {
  const world = await open(inMemory)
  const { storage, store } = world
  const pins = createPins({ storage, length: 4, random: () => 7 })
  const draw = async (id: string, sides: readonly Side[] = [0]) =>
    pins.drawFor(sessionOn('919000000011', id), sides, START + DAY)
  const { session } = await opened(world, 1, 2)

  t.match(await draw(session.id), [{ pin: '0007' }, undefined])
  t.same(await draw('s_other'), { lacking: 0 }, 'it is open')
  t.same(await draw(session.id), { lacking: 0 }, 'also for itself')
  await store.close(session.id)
  t.match(await draw('s_other'), [{ pin: '0007' }, undefined])

  t.same(await draw('s_third'), { lacking: 0 }, 'that one may just be being opened')
  world.time += ABANDONED_MS
  t.match(await draw('s_third'), [{ pin: '0007' }, undefined])
  t.match((await storage.read([recordKey('s_other')]))[0]?.value, { over: 'aborted' }, 'and never is')
  t.match(await draw('s_third', [0]), { lacking: 0 })
})

test('a PIN of a session that cannot be read, or that cannot be read itself, is given to nobody', async (t) => {
  const texts = openTexts(() => START)
  const { storage } = sealedOver(texts, STORE_KEY)
  const world = await open(async () => storage)
  const { session, numbers, pins } = await opened(world, 1, 2)
  const again = createPins({ storage, length: LENGTH, random: () => Number(pins[0]) })
  await texts.put('session', session.id, 'nothing')
  const draw = () => again.drawFor(sessionOn(numbers[0], 's_1'), [0], START + DAY)
  t.same(await draw(), { lacking: 0 })
  t.equal(await world.store.findByPin(pins[0], numbers[0]), undefined)

  await texts.put('pin', await storage.nameOf(pinKey(numbers[0], pins[0])), 'nothing')
  t.same(await draw(), { lacking: 0 })
  t.equal(await world.store.findByPin(pins[0], numbers[0]), undefined)
})

test('where all PINs are taken, nothing is opened or changed', async (t) => {
  let draws = 0
  const storage = memoryStorage(() => START)
  const counting = spiedOn(storage, async (operation, run) => {
    if (operation === 'read pin') draws += 1
    return run()
  })
  const taken = createPins({ storage, length: 1, random: () => 3 })
  await taken.drawFor(sessionOn('919000000011', 's_1'), [0], START + DAY)
  t.same(await taken.drawFor(sessionOn('919000000011', 's_2'), [0, 1], START + DAY), { lacking: 0 })
  const pins = createPins({ storage: counting, length: 1, random: () => 3 })
  t.same(await pins.drawFor(sessionOn('919000000011', 's_2'), [0], START + DAY), { lacking: 0 })
  t.equal(draws, MAX_DRAWS)
  t.same(
    await pins.drawFor(sessionOn('919000000012', 's_2'), [0, 1], START + DAY),
    { lacking: 1 },
    'both of a session on one number',
  )
  t.equal((await idsOf(storage, PIN_KIND)).length, 1, 'what the first had got is free again')

  const crowded = await open(inMemory, { pinLength: 1, pool: ['919000000011', '919000000012'] })
  const { id } = sessionIn(await create(crowded, 1, 2))
  // All ten PINs of one digit, but for those that are taken.
  for (const number of ['919000000011', '919000000012']) {
    for (let digit = 0; digit < 10; digit += 1) {
      const others = createPins({ storage: crowded.storage, length: 1, random: () => digit })
      await others.drawFor(sessionOn(number, 's_others'), [0], START + DAY)
    }
  }
  t.same(await create(crowded, 3, 4), { kind: 'pins-exhausted', side: 0 })
  t.equal((await crowded.storage.read([bookKey(whole(person(3)))]))[0], undefined, 'and nothing stays taken')
  t.same(await crowded.store.change(id, replace(5)), { kind: 'pins-exhausted', side: 1 })
  t.equal((await crowded.storage.read([bookKey(whole(person(5)))]))[0], undefined)
})

test('whoever replaces a participant has a PIN of their own', async (t) => {
  const world = await open(inMemory)
  const { session, pins, numbers } = await opened(world, 1, 2)
  const changed = await world.store.change(session.id, replace(3))
  const [none, pin] = changed.kind === 'changed' ? changed.pins : []
  t.equal(none, undefined)
  t.equal(await reached(world, String(pin), numbers[1]), destination(1))
  t.equal(await reached(world, pins[1], numbers[1]), undefined, 'the one before had that')
  t.equal(await reached(world, pins[0], numbers[0]), destination(3))
  t.equal((await idsOf(world.storage, PIN_KIND)).length, 2, 'and it is free')
})

test('a session whose calls need PINs from now on gets those that it lacks', async (t) => {
  const storage = memoryStorage(() => START)
  const before = await open(async () => storage, { pinLength: undefined as never })
  const { id } = sessionIn(await create(before, 1, 2))
  const world = await open(async () => storage)
  const change = { call: { forcePin: true }, allowShortRest: false }
  for (const pin of pinsIn(await world.store.change(id, change))) t.match(pin, /^\d{6}$/)
  t.match(await world.store.change(id, change), { pins: [undefined, undefined] })
  const [first] = (await world.store.find(id))?.participants ?? []
  t.match(await world.store.findLeg([whole(person(1))], String(first?.maskingNumber)), {
    leg: { needsPin: true },
  })
})

test('the legs of a session whose calls need PINs say so, and what a PIN opened does not', async (t) => {
  const world = await open(inMemory)
  const { pins, numbers } = await opened(world, 1, 2, { call: { forcePin: true } })
  t.match(await world.store.findLeg([whole(person(1))], numbers[0]), {
    kind: 'open',
    leg: { needsPin: true },
  })
  t.equal((await world.store.findByPin(pins[0], numbers[0]))?.needsPin, undefined)
})

test('a change that somebody else was faster than leaves no PIN behind', async (t) => {
  let isRacing = false
  const storage = memoryStorage(() => START)
  const world = await open(async () =>
    spiedOn(storage, async (operation, run) => {
      if (!isRacing || operation !== 'swap session') return run()
      isRacing = false
      return false
    }),
  )
  const { session, numbers } = await opened(world, 1, 2)
  isRacing = true
  const changed = await world.store.change(session.id, replace(3))
  t.equal((await idsOf(storage, PIN_KIND)).length, 2)
  t.equal(
    await reached(world, String(changed.kind === 'changed' && changed.pins[1]), numbers[1]),
    destination(1),
  )
})

test('a PIN that was lost with a server is written again, unless somebody else has it', async (t) => {
  const world = await open(inMemory)
  const { storage } = world
  const { session, pins, numbers } = await opened(world, 1, 2)
  const key = pinKey(numbers[0], pins[0])
  const kept = createPins({ storage, length: LENGTH })
  const [was] = await storage.read([key])
  await storage.swap({ key, was, value: undefined, until: 0 })
  t.equal(await reached(world, pins[0], numbers[0]), undefined)
  await kept.keep(session, START + DAY)
  t.equal(await reached(world, pins[0], numbers[0]), destination(2))

  const [again] = await storage.read([key])
  await storage.swap({ key, was: again, value: ['s_other', 1, START], until: START + DAY })
  await kept.keep(session, START + DAY)
  t.match(ownerIn((await storage.read([key]))[0]), { sessionId: 's_other' })
  t.equal(await reached(world, pins[0], numbers[0]), undefined)
  await kept.release(session.id, [await storage.nameOf(key)])
  t.match(ownerIn((await storage.read([key]))[0]), { sessionId: 's_other' }, 'and it is not freed')
})

test('phones that cannot be remembered', async (t) => {
  const world = await open(inMemory)
  const { store } = world
  const { session, numbers } = await opened(world, 1, 2)
  const remember = (n: number, side: Side = 0) => store.remember(session.id, side, whole(person(n)))
  t.equal(await remember(2), false, 'the other participant')
  t.equal(await remember(1), true, 'their own number is known')
  t.equal(await from(world, 2, numbers[0]), undefined)

  // Whoever has another session on this number goes on to reach the one of that.
  t.equal(await remember(await sharing(world, numbers[0])), false, 'the number means somebody else to them')

  for (let n = 11; n < 11 + MAX_PHONES; n += 1) t.equal(await remember(n), true)
  t.equal(await remember(19), false, 'too many')
  await store.close(session.id)
  t.equal(await remember(19), false, 'it is over')
  t.equal(await store.remember('s_none', 0, whole(person(16))), false)
})

/** Somebody who has a session on this number. */
async function sharing(world: World, number: string): Promise<number> {
  for (let n = 100; ; n += 2) {
    const { numbers } = await opened(world, n, n + 1)
    if (numbers[0] === number) return n
    if (numbers[1] === number) return n + 1
  }
}

test('a phone is remembered once by two requests, and left alone by one that comes too late', async (t) => {
  const storage = memoryStorage(() => START)
  let onSwap = async () => undefined as unknown
  const world = await open(async () =>
    spiedOn(storage, async (operation, run) => {
      if (operation === 'swap session') await onSwap()
      return run()
    }),
  )
  const { session, numbers } = await opened(world, 1, 2)
  const remember = (n: number) => world.store.remember(session.id, 0, whole(person(n)))
  t.same(await Promise.all([remember(7), remember(7), remember(8)]), [true, true, true])
  t.equal(await from(world, 7, numbers[0]), destination(2))

  onSwap = async () => {
    onSwap = async () => undefined
    await world.store.close(session.id)
  }
  t.equal(await remember(9), false)
  t.same((await storage.read([bookKey(whole(person(9)))]))[0], undefined, 'its claim is taken back')
})

test('a phone of the other side cannot join it', async (t) => {
  const world = await open(inMemory)
  const { session } = await opened(world, 1, 2)
  await world.store.remember(session.id, 0, whole(person(7)))
  t.equal(await world.store.remember(session.id, 1, whole(person(7))), false)
  t.match(await world.store.change(session.id, replace(7)), { kind: 'equal' })
  const own = { replace: { side: 0, number: whole(person(7)) } as const, allowShortRest: false }
  t.match(await world.store.change(session.id, own), { kind: 'changed' }, 'but their own side')
  const [first] = (await world.store.find(session.id))?.participants ?? []
  t.match(first, { number: whole(person(7)), phones: undefined })
})

async function erasing(t: Test, erased: number) {
  const world = await open(inMemory)
  const { storage, store } = world
  const { session, pins, numbers } = await opened(world, 1, 2)
  await store.remember(session.id, 0, whole(person(7)))
  const found = await sessionsOf(whole(person(7)), 9, { storage, restMs: DAY })
  t.match(found.sessions, [{ session: { id: session.id }, side: 0 }])
  const erasure = createErasure({ storage, sessions: store, fixed: [], restMs: DAY })
  t.match(await erasure.erase(whole(person(erased))), { removed: { sessions: 1, closed: 1, keys: 2 } })
  t.same(await idsOf(storage, PIN_KIND), [])
  t.equal(await reached(world, pins[0], numbers[0]), undefined)
  world.time += SECOND
  for (const n of [1, 2, 7]) t.not(await from(world, n, numbers[0]), destination(2))
  t.notMatch(await dumpOf(storage), whole(person(erased)))
}

test('who is erased takes their PINs and phones along', (t) => erasing(t, 1))
test('who is erased by another phone of theirs is erased as a whole', (t) => erasing(t, 7))

test('a PIN that belongs to somebody else by now is not erased', async (t) => {
  const world = await open(inMemory)
  const { storage, store } = world
  const { pins, numbers } = await opened(world, 1, 2)
  const key = pinKey(numbers[0], pins[0])
  const [was] = await storage.read([key])
  await storage.swap({ key, was, value: ['s_other', 0, START], until: START + DAY })
  const erasure = createErasure({ storage, sessions: store, fixed: [], restMs: DAY })
  t.match(await erasure.erase(whole(person(1))), { removed: { keys: 1 } })
  t.match(ownerIn((await storage.read([key]))[0]), { sessionId: 's_other' })
})

test('a number that still rests is given with a PIN alone, where that is asked for', async (t) => {
  const world = await open(inMemory, { pool: ['919000000011', '919000000012'] })
  const last = await opened(world, 1, 2)
  t.match(await create(world, 1, 3), { kind: 'created' })
  t.match(await create(world, 1, 4, { onExhausted: 'pin' }), { kind: 'exhausted' }, 'both are in use')
  await world.store.close(last.session.id)
  t.match(await create(world, 1, 4), { kind: 'exhausted' })

  const outcome = await create(world, 1, 4, { onExhausted: 'pin' })
  const { participants, id } = sessionIn(outcome)
  const [first, second] = participants
  t.match([first, second], [{ pinOnly: true, restedFor: 0 }, { pinOnly: undefined }])
  t.match(await world.store.findLeg([whole(person(1))], first.maskingNumber), {
    kind: 'open',
    leg: { sessionId: id, needsPin: true },
  })
  t.match(await world.store.findLeg([whole(person(4))], second.maskingNumber), {
    leg: { needsPin: undefined },
  })
  t.equal(await reached(world, pinsIn(outcome)[0], first.maskingNumber), destination(4))
  t.match((await world.store.find(id))?.participants, [{ pinOnly: true }, {}], 'and the record says so')
})

test('a retry of a request that died does not connect without the PIN what may rest', async (t) => {
  let isDying = false
  const storage = memoryStorage(() => START)
  const world = await open(async () =>
    spiedOn(storage, async (operation, run) => {
      if (isDying && operation === 'swap session') throw new Error('died')
      return run()
    }),
  )
  const request = { onExhausted: 'pin', idempotencyKey: 'a', fingerprint: 'a' } as const
  isDying = true
  await t.rejects(create(world, 1, 2, request), /died/)
  isDying = false
  t.match(sessionIn(await create(world, 1, 2, request)).participants, [{ pinOnly: true }, { pinOnly: true }])
})

test('a PIN that the record of its session does not name opens nothing', async (t) => {
  const world = await open(inMemory)
  const { session, numbers } = await opened(world, 1, 2)
  const left = createPins({ storage: world.storage, length: 4, random: () => 7 })
  const drawn = await left.drawFor(session, [0], START + DAY)
  t.match(drawn, [{ pin: '0007' }, undefined])
  t.equal(await reached(world, '0007', numbers[0]), undefined)
})

test('a request that goes on with one that died does not end its own session', async (t) => {
  const world = await open(inMemory)
  const pins = createPins({ storage: world.storage, length: 4, random: () => 7 })
  const draw = () => pins.drawFor(sessionOn('919000000011', 's_1'), [0], START + DAY)
  await draw()
  world.time += ABANDONED_MS
  t.same(await draw(), { lacking: 0 })
  t.equal((await world.storage.read([recordKey('s_1')]))[0], undefined)
})

test('PINs and phones that were lost with a server before they were confirmed are written again', async (t) => {
  const storage = memoryStorage(() => START)
  const world = await open(async () => ({ ...storage, confirm: async () => false }))
  const { session, pins, numbers } = await opened(world, 1, 2)
  await world.store.remember(session.id, 1, whole(person(7)))
  for (const key of [pinKey(numbers[0], pins[0]), bookKey(whole(person(7)))]) {
    const [was] = await storage.read([key])
    await storage.swap({ key, was, value: undefined, until: 0 })
  }
  t.equal(await reached(world, pins[0], numbers[0]), undefined)
  t.equal(await from(world, 7, numbers[1]), undefined)
  await world.store.upkeep()
  t.equal(await reached(world, pins[0], numbers[0]), destination(2))
  t.equal(await from(world, 7, numbers[1]), destination(1))
})

test('a PIN that somebody else just writes is looked at again', async (t) => {
  let isRacing = false
  const storage = memoryStorage(() => START)
  const racing = spiedOn(storage, async (operation, run) => {
    if (!isRacing || operation !== 'swap pin') return run()
    isRacing = false
    return false
  })
  const world = await open(async () => racing)
  const { session, pins, numbers } = await opened(world, 1, 2)
  isRacing = true
  await createPins({ storage: racing, length: LENGTH }).keep(session, START + DAY)
  t.equal(isRacing, false)
  t.equal(await reached(world, pins[0], numbers[0]), destination(2))

  isRacing = true
  const erasure = createErasure({ storage: racing, sessions: world.store, fixed: [], restMs: DAY })
  t.match(
    await erasure.erase(whole(person(1))),
    { removed: { keys: 1 } },
    'whoever was faster leads it elsewhere',
  )
})
