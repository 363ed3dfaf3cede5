import type { Test } from 'tap'
import { ABANDONED_MS } from '../src/masking/books.js'
import { RESERVATION_MS } from '../src/masking/reservations.js'
import { type Storage, StoreUnavailableError } from '../src/masking/storage.js'
import { draft, replace, sessionIn, standing } from './drafts.js'
import { DAY, HOUR, POOL, person, SECOND, START, whole } from './session-store-contract.js'
import { type Spy, storeThrough } from './spied-storage.js'
import { type SessionStore, storeOver } from './store-under-test.js'

/** Long enough for any repair of a book, and for abandoned claims to be freed. */
const A_WHILE = ABANDONED_MS + 3 * SECOND

/** How an operation fails at a step: before or after that takes effect, and that step alone, or all that follow too. */
export interface Failure {
  readonly when: 'before' | 'after'
  readonly what: 'that step' | 'all from there on'
}

/** What a crash leaves: all that was written until then. */
export const CRASH: Failure = { when: 'after', what: 'all from there on' }

export const ALL_FAILURES: readonly Failure[] = [
  CRASH,
  { when: 'before', what: 'all from there on' },
  { when: 'after', what: 'that step' },
  { when: 'before', what: 'that step' },
]

/** Fails the nth step in this way. */
function failingAt(nth: number, { when, what }: Failure) {
  const counter = { asked: 0 }
  const spy: Spy = async (_operation, run) => {
    counter.asked += 1
    if (counter.asked < nth || (counter.asked > nth && what === 'that step')) return run()
    if (counter.asked === nth && when === 'after') await run()
    throw new StoreUnavailableError()
  }
  return { spy, counter }
}

/**
 * What must hold when an operation fails at any of its steps. The failures are made in front of the storage, so what the rules do
 * about them is the same on each: all ways are for one of them, and `CRASH` is enough for the others.
 *
 * @param fresh an empty storage, with this clock
 * @param ways how each step fails
 */
export async function crashContract(
  t: Test,
  fresh: (now: () => number) => Promise<Storage>,
  ways: readonly Failure[],
): Promise<void> {
  const world = standing()
  let storage = await fresh(world.options.now)
  let store = await storeOver(storage, world.options)

  /** Who reaches whom, through which number. */
  async function calls(people: readonly number[]): Promise<string[]> {
    const all: string[] = []
    for (const n of people)
      for (const dialled of POOL) {
        const found = await store.findLeg([whole(person(n))], dialled)
        if (found?.kind !== 'open') continue
        const { destination, callerIdShown } = found.leg
        all.push([whole(person(n)), dialled, destination.slice(1), callerIdShown.slice(1)].join())
      }
    return all
  }

  /** The calls that have no matching call in the other direction. */
  async function wrongCalls(people: readonly number[]): Promise<string[]> {
    const all = await calls(people)
    return all.filter((call) => {
      const [from, dialled, to, shown] = call.split(',')
      return !all.includes([to, shown, from, dialled].join())
    })
  }

  /** How many numbers each person can still be given, once everything is over and has rested. */
  async function freeAfterwards(people: readonly number[]): Promise<number[]> {
    let free: number[] = []
    for (const _round of ['the leftovers of a crash are found', 'and have rested']) {
      for (const { id } of (await store.list({ limit: 100, status: 'open' })).sessions) await store.close(id)
      world.time += A_WHILE + HOUR
      free = []
      for (const n of people) free.push(await openAll(n))
    }
    return free
  }

  /** Opens sessions of a person until they have no number left, each with somebody else. Returns how many. */
  async function openAll(n: number): Promise<number> {
    for (let opened = 0; ; opened += 1) {
      const times = { createdAt: world.time, expiresAt: world.time + 9 * DAY }
      const { kind } = await store.create(draft(n, 100 * n + 500 + opened, times))
      if (kind !== 'created') return opened
    }
  }

  /** Fails an operation at each of its steps, in each way, and collects faults. Also returns the number of steps. */
  async function failEverywhere(
    prepare: () => Promise<string>,
    act: (store: SessionStore, id: string) => Promise<unknown>,
    look: (id: string) => Promise<string[]>,
  ) {
    const wrong: string[] = []
    let steps = 0
    for (const failure of ways) {
      for (let nth = 1; ; nth++) {
        world.time = START
        storage = await fresh(world.options.now)
        store = await storeOver(storage, world.options)
        const id = await prepare()
        const { spy, counter } = failingAt(nth, failure)
        await act(storeThrough(storage, world.options, spy), id).catch((error) => {
          if (!(error instanceof StoreUnavailableError)) wrong.push(String(error))
        })
        if (counter.asked < nth) break
        steps = nth
        for (const fault of await look(id)) wrong.push(`${failure.when} ${nth}, ${failure.what}: ${fault}`)
      }
    }
    return { steps, wrong }
  }

  const faultsOf = async (people: readonly number[], others: readonly number[] = []) => {
    const faults = (await wrongCalls([...people, ...others])).map((call) => `wrong call ${call}`)
    for (const [i, free] of (await freeAfterwards(people)).entries())
      if (free !== POOL.length) faults.push(`person ${people[i]} can be given ${free} numbers`)
    return faults
  }

  t.test('after a failed create nobody is connected wrongly and no number stays taken', async (t) => {
    const { steps, wrong } = await failEverywhere(
      async () => '',
      (store) => store.create(draft(1, 2)),
      () => faultsOf([1, 2]),
    )
    t.ok(steps > 5, String(steps))
    t.same(wrong, [])
  })

  t.test('after a failed create for which no number is left, no number stays taken', async (t) => {
    const { steps, wrong } = await failEverywhere(
      async () => {
        for (const other of [11, 12, 13]) await store.create(draft(2, other))
        return ''
      },
      (store) => store.create(draft(1, 2, { externalId: 'order-1' })),
      async () => {
        const outcome = await store.create(draft(1, 2, { externalId: 'order-1' }))
        const faults = outcome.kind === 'exhausted' ? [] : [outcome.kind]
        return [...faults, ...(await faultsOf([1, 2], [11, 12, 13]))]
      },
    )
    t.ok(steps > 12, String(steps))
    t.same(wrong, [])
  })

  for (const [retry, pause] of [
    ['an immediate retry', 0],
    ['a later retry', RESERVATION_MS],
  ] as const) {
    t.test(`after a failed create with keys, ${retry} gives one session`, async (t) => {
      const keyed = () => draft(1, 2, { externalId: 'order-1', idempotencyKey: 'key-1' })
      const { steps, wrong } = await failEverywhere(
        async () => '',
        (store) => store.create(keyed()),
        async () => {
          world.time += pause
          const { id } = sessionIn(await store.create(keyed()))
          const again = await store.create(keyed())
          const { sessions } = await store.list({ limit: 9 })
          const faults = again.kind === 'existing' && again.session.id === id ? [] : [`again: ${again.kind}`]
          if (sessions.length !== 1) faults.push(`${sessions.length} sessions`)
          if ((await calls([1, 2])).length !== 2) faults.push('not connected')
          return [...faults, ...(await faultsOf([1, 2]))]
        },
      )
      t.ok(steps > 12, String(steps))
      t.same(wrong, [])
    })
  }

  for (const [retry, pause] of [
    ['an immediate retry', 0],
    ['a later retry', RESERVATION_MS],
  ] as const) {
    t.test(
      `after a failed create with an external id used before, ${retry} gives one new session`,
      async (t) => {
        const named = { externalId: 'order-1' }
        const keyed = () => draft(1, 2, { ...named, idempotencyKey: 'key-2' })
        const { steps, wrong } = await failEverywhere(
          async () => {
            const { id } = sessionIn(await store.create(draft(1, 2, { ...named, idempotencyKey: 'key-1' })))
            await store.close(id)
            return id
          },
          (store) => store.create(keyed()),
          async (before) => {
            world.time += pause
            const { id } = sessionIn(await store.create(keyed()))
            const listed = (await store.list({ ...named, limit: 9 })).sessions.map((session) => session.id)
            const faults = id === before ? ['the old session'] : []
            if (`${listed.toSorted()}` !== `${[before, id].toSorted()}`)
              faults.push(`${listed.length} sessions`)
            if ((await calls([1, 2])).length !== 2) faults.push('not connected')
            return [...faults, ...(await faultsOf([1, 2]))]
          },
        )
        t.ok(steps > 15, String(steps))
        t.same(wrong, [])
      },
    )
  }

  const prepared = async () => sessionIn(await store.create(draft(1, 2, { externalId: 'order-1' }))).id

  for (const isRepeated of [false, true]) {
    const replaced = isRepeated ? 'a retry completes it' : 'nobody is connected wrongly'
    t.test(`after a failed replacement of a participant, ${replaced}`, async (t) => {
      const change = { ...replace(3), expiresAt: START + 40 * DAY }
      const { steps, wrong } = await failEverywhere(
        prepared,
        (store, id) => store.change(id, change),
        async (id) => {
          const faults: string[] = []
          if (isRepeated) {
            const outcome = await store.change(id, change)
            if (outcome.kind !== 'changed') faults.push(outcome.kind)
            const found = await calls([1, 2, 3])
            const isDone = found.length === 2 && found.every((call) => !call.includes(whole(person(2))))
            if (!isDone) faults.push(`calls: ${found}`)
          } else if ((await calls([1, 2, 3])).length !== 2) faults.push('not connected')
          return [...faults, ...(await faultsOf([1, 2, 3]))]
        },
      )
      t.ok(steps > 15, String(steps))
      t.same(wrong, [])
    })

    const closed = isRepeated ? 'a retry ends the session' : 'either both sides are connected or neither is'
    t.test(`after a failed close, ${closed}`, async (t) => {
      const { steps, wrong } = await failEverywhere(
        prepared,
        (store, id) => store.close(id),
        async (id) => {
          const faults: string[] = []
          const before = await calls([1, 2])
          if (before.length === 1) faults.push('half closed')
          if (isRepeated && !(await store.close(id))?.session?.closedAt) faults.push('not closed')
          if (isRepeated && (await calls([1, 2])).length > 0) faults.push('still connected')
          return [...faults, ...(await faultsOf([1, 2]))]
        },
      )
      t.ok(steps > 2, String(steps))
      t.same(wrong, [])
    })
  }
}
