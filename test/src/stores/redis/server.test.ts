import { performance } from 'node:perf_hooks'
import { setImmediate as turn } from 'node:timers/promises'
import { test } from 'tap'
import { systemClock } from '../../../../src/clock.js'
import type { CreateOutcome, SessionDraft, SessionStore } from '../../../../src/masking/session-store.js'
import { StoreUnavailableError } from '../../../../src/masking/session-store.js'
import type { SessionStoreOptions } from '../../../../src/stores/memory-sessions.js'
import { readStoreUrl, type StoreAddress } from '../../../../src/stores/redis/address.js'
import { ANSWER_LIMIT_MS, createClient } from '../../../../src/stores/redis/client.js'
import { createHeartbeat, HEARTBEAT_MS, instancesOf } from '../../../../src/stores/redis/instances.js'
import { createLink } from '../../../../src/stores/redis/link.js'
import { ABANDONED_MS } from '../../../../src/stores/redis/redis-sessions.js'
import { RESERVATION_MS } from '../../../../src/stores/redis/reservations.js'
import { createVault } from '../../../../src/stores/redis/vault.js'
import { startServer, until, withServer } from '../../../redis-server.js'
import { connect, OTHER_KEY, patient, type Spy, STORE_KEY, storeThrough } from '../../../redis-store.js'
import { DAY, HOUR, POOL, person, SECOND, START, whole } from '../../../session-store-contract.js'

/** Enough for every mend, and for what was abandoned. */
const A_WHILE = ABANDONED_MS + 3 * SECOND

/** Options with a clock that stands still until it is moved. */
function standing(more: Partial<SessionStoreOptions> = {}) {
  const world = { time: START }
  const options: SessionStoreOptions = { now: () => world.time, pool: POOL, restMs: HOUR, fixed: [], ...more }
  return Object.assign(world, { options })
}

function draft(first: number, second: number, more: Partial<SessionDraft> = {}): SessionDraft {
  return {
    participants: [person(first), person(second)],
    createdAt: START,
    expiresAt: START + 30 * DAY,
    fingerprint: `${first}-${second}`,
    allowShortRest: false,
    ...more,
  }
}

function sessionIn(outcome: CreateOutcome) {
  if (outcome.kind === 'created' || outcome.kind === 'existing') return outcome.session
  throw new Error(`no session: ${JSON.stringify(outcome)}`)
}

const replace = (n: number) => ({
  replace: { side: 1, number: whole(person(n)) } as const,
  allowShortRest: false,
})

test('a link to a server that stops', withServer, async (t) => {
  const server = await startServer(t)
  const turns: boolean[] = []
  const link = createLink({
    client: createClient(readStoreUrl(server.url) as StoreAddress),
    every: systemClock.every,
    onChange: (isUp) => turns.push(isUp),
  })
  t.teardown(() => link.close())
  const ask = () => link.ask((client) => client.get('key'))
  await until('up', () => link.isUp)

  const asked = ask()
  await turn()
  const busyUntil = performance.now() + ANSWER_LIMIT_MS + 50
  while (performance.now() < busyUntil);
  t.equal(await asked, null, 'an answer that only had to be read is one')

  await server.kill('SIGSTOP')
  const settled: string[] = []
  const note = (name: string) => (error: unknown) => {
    settled.push(name)
    t.ok(error instanceof StoreUnavailableError, name)
  }
  await ask().catch(note('the first'))
  t.notOk(link.isUp)
  const limit = new Promise<void>((resolve) => setTimeout(resolve, 100)).then(() => settled.push('100 ms'))
  await Promise.all([...Array.from({ length: 50 }, () => ask().catch(note('another'))), limit])
  t.equal(settled.at(-1), '100 ms', 'who comes later does not wait')
  t.equal(settled.length, 52)

  await server.kill('SIGCONT')
  await until('up again', () => link.isUp)
  t.equal(await ask(), null)
  await server.kill('SIGKILL')
  await t.rejects(ask(), StoreUnavailableError)
  await until('down', () => !link.isUp)
  await server.restart()
  await until('up again', () => link.isUp)
  t.equal(await ask(), null)
  t.same(turns, [true, false, true, false, true], 'each turn is told once')
})

test('a server that does not let in, or is a replica, is one that does not answer', withServer, async (t) => {
  const server = await startServer(t)
  const { link } = await connect(t, server.url, standing().options)
  await server.client.config('SET', 'replica-read-only', 'yes')
  await server.client.replicaof('127.0.0.1', 1)
  await t.rejects(
    link.ask((client) => client.set('key', '1')),
    StoreUnavailableError,
  )
  await server.client.replicaof('NO', 'ONE')
  await until('it is the primary again', () => link.isUp)
  t.equal(await link.ask((client) => client.set('key', '1')), 'OK')
  await t.rejects(
    link.ask((client) => client.lpush('key', 'x')),
    { name: 'ReplyError', message: /WRONGTYPE/ },
  )
  t.ok(link.isUp)
})

test('instances say that they are there', withServer, async (t) => {
  const server = await startServer(t)
  const { link } = await connect(t, server.url, standing().options)
  let time = START
  const vaults = [createVault([STORE_KEY]), createVault([OTHER_KEY, STORE_KEY])]
  const [first, second] = vaults.map((vault) => createHeartbeat(link, vault, () => time))
  await first?.()
  await second?.()
  const seen = await instancesOf(link, time)
  t.same(seen.map(({ keyIds }) => keyIds.length).toSorted(), [1, 2])
  t.same(seen.find(({ keyIds }) => keyIds.length === 2)?.keyIds, vaults[1]?.keyIds)
  t.not(seen[0]?.id, seen[1]?.id)
  time += 3 * HEARTBEAT_MS
  t.equal((await instancesOf(link, time)).length, 2)
  time += 1
  t.same(await instancesOf(link, time), [], 'nobody has said so for too long')
  await first?.()
  t.match(await instancesOf(link, time), [{ keyIds: vaults[0]?.keyIds }])
  t.equal(await server.client.zcard('callmask:instances'), 1, 'and forgotten')
})

test('a change is durable once a replica has it', withServer, async (t) => {
  const server = await startServer(t)
  const world = standing()
  const base = await connect(t, server.url, world.options)
  const [store, another] = [patient(base, world.options).store, patient(base, world.options).store]
  const open = async (n: number) => sessionIn(await store.create(draft(n, n + 1)))
  const [alone, closed, changed] = [await open(10), await open(20), await open(30)]
  t.match(
    await store.close(alone.id),
    { durable: true },
    'where there is no replica, there is none to wait for',
  )
  t.equal(await server.client.exists('callmask:replicated'), 0)

  const replica = await startServer(t, '--replicaof', '127.0.0.1', String(server.port))
  const isLinked = async () => /master_link_status:up/.test(await replica.client.info('replication'))
  await until('the replica follows', isLinked)
  await until('a change is durable', async () => {
    const outcome = await store.change(changed.id, replace(50))
    return outcome.kind === 'changed' && outcome.durable
  })
  t.equal(await server.client.exists('callmask:replicated'), 1, 'from now on there should be one')

  await replica.kill('SIGSTOP')
  t.match(await store.close(closed.id), { durable: false, session: { closedAt: START } })
  t.match(await store.change(changed.id, { expiresAt: START + HOUR, allowShortRest: false }), {
    kind: 'changed',
    durable: false,
  })
  const written = async () =>
    Number(/cmdstat_wait:calls=(\d+)/.exec(await server.client.info('commandstats'))?.[1])
  let waits = await written()
  await store.upkeep()
  t.equal(await written(), waits + 2, 'both are tried again')

  const key = `callmask:session:${changed.id}`
  const endOnServer = async () => Number(await server.client.hget(key, 'x'))
  await server.client.hset(key, 'v', '1', 'x', START + 30 * DAY)
  await store.upkeep()
  t.equal(await endOnServer(), START + HOUR, 'what was lost with a server is written again')
  await another.change(changed.id, { expiresAt: START + 5 * HOUR, allowShortRest: false })
  await store.upkeep()
  t.equal(await endOnServer(), START + 5 * HOUR, 'and never over what another instance wrote since')
  await replica.kill('SIGCONT')
  await until('the replica follows', isLinked)
  await until('both are on the replica', async () => {
    waits = await written()
    await store.upkeep()
    return (await written()) === waits
  })
  const record = (id: string) => replica.client.hgetall(`callmask:session:${id}`)
  t.match(await record(closed.id), { c: String(START) })
  t.match(await record(changed.id), { x: String(START + 5 * HOUR) })

  await replica.kill('SIGKILL')
  await until('the replica is missed', async () =>
    /connected_slaves:0/.test(await server.client.info('replication')),
  )
  t.match(await store.close(changed.id), { durable: false }, 'a store that lost its replica says so')
  await server.client.del(`callmask:session:${changed.id}`)
  const last = await open(40)
  t.match(await store.change(last.id, replace(60)), { durable: false })
  await another.close(last.id)
  await store.upkeep()
  waits = await written()
  await store.upkeep()
  t.equal(await written(), waits, 'what is not there or over is not written again')
})

/** Fails at the nth command, before or after it took effect: once, or as if the instance ended there. */
function failingAt(nth: number, when: 'before' | 'after', forGood: boolean) {
  const counter = { asked: 0 }
  const spy: Spy = async (_command, run) => {
    counter.asked += 1
    if (counter.asked < nth || (counter.asked > nth && !forGood)) return run()
    if (counter.asked === nth && when === 'after') await run()
    throw new StoreUnavailableError()
  }
  return { spy, counter }
}

test('wherever an instance ends', withServer, async (t) => {
  const server = await startServer(t)
  const world = standing()
  const good = patient(await connect(t, server.url, world.options), world.options)
  const { store } = good

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

  /** Whoever reaches somebody is reached by them in the same way. */
  async function wrongCalls(people: readonly number[]): Promise<string[]> {
    const all = await calls(people)
    return all.filter((call) => {
      const [from, dialled, to, shown] = call.split(',')
      return !all.includes([to, shown, from, dialled].join())
    })
  }

  /** How many numbers a person can still be given, once everything is over and has rested. */
  async function freeAfterwards(n: number): Promise<number> {
    let opened = 0
    for (const _round of ['what a crash left is found', 'and has rested']) {
      for (const { id } of (await store.list({ limit: 100, status: 'open' })).sessions) await store.close(id)
      world.time += A_WHILE + HOUR
      opened = 0
      while (
        (
          await store.create(
            draft(n, 500 + opened, { createdAt: world.time, expiresAt: world.time + 9 * DAY }),
          )
        ).kind === 'created'
      )
        opened += 1
    }
    return opened
  }

  /** Lets something fail at each of its commands, in each way, and then looks for what is wrong. Says how many. */
  async function failEverywhere(
    prepare: () => Promise<string>,
    act: (store: SessionStore, id: string) => Promise<unknown>,
    look: (id: string) => Promise<string[]>,
  ) {
    const wrong: string[] = []
    let points = 0
    for (const when of ['before', 'after'] as const) {
      for (const forGood of [true, false]) {
        for (let nth = 1; ; nth++) {
          await server.client.flushall()
          world.time = START
          const id = await prepare()
          const { spy, counter } = failingAt(nth, when, forGood)
          await act(storeThrough(good, world.options, spy), id).catch((error) => {
            if (!(error instanceof StoreUnavailableError)) wrong.push(String(error))
          })
          if (counter.asked < nth) break
          points += 1
          for (const fault of await look(id))
            wrong.push(`${when} ${nth}${forGood ? ', for good' : ''}: ${fault}`)
        }
      }
    }
    return { points, wrong }
  }

  const faultsOf = async (people: readonly number[], others: readonly number[] = []) => {
    const faults = (await wrongCalls([...people, ...others])).map((call) => `wrong call ${call}`)
    for (const n of people) {
      const free = await freeAfterwards(n)
      if (free !== POOL.length) faults.push(`person ${n} can be given ${free} numbers`)
    }
    return faults
  }

  t.test('while a session is opened, nothing of it stays in the way', async (t) => {
    const { points, wrong } = await failEverywhere(
      async () => '',
      (store) => store.create(draft(1, 2)),
      () => faultsOf([1, 2]),
    )
    t.ok(points > 10, String(points))
    t.same(wrong, [])
  })

  t.test('while no number is left for a session, nothing of it stays in the way', async (t) => {
    const { points, wrong } = await failEverywhere(
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
    t.ok(points > 20, String(points))
    t.same(wrong, [])
  })

  for (const [name, pause] of [
    ['at once', 0],
    ['later', RESERVATION_MS],
  ] as const) {
    t.test(`while a session with a key is opened, asking again ${name} gives one`, async (t) => {
      const keyed = () => draft(1, 2, { externalId: 'order-1', idempotencyKey: 'key-1' })
      const { points, wrong } = await failEverywhere(
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
      t.ok(points > 15, String(points))
      t.same(wrong, [])
    })
  }

  for (const [name, pause] of [
    ['at once', 0],
    ['later', RESERVATION_MS],
  ] as const) {
    t.test(`while an external id is taken again, asking again ${name} gives one session`, async (t) => {
      const named = { externalId: 'order-1' }
      const keyed = () => draft(1, 2, { ...named, idempotencyKey: 'key-2' })
      const { points, wrong } = await failEverywhere(
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
          const faults = id === before ? ['the old one'] : []
          if (`${listed.toSorted()}` !== `${[before, id].toSorted()}`)
            faults.push(`${listed.length} sessions`)
          if ((await calls([1, 2])).length !== 2) faults.push('not connected')
          return [...faults, ...(await faultsOf([1, 2]))]
        },
      )
      t.ok(points > 20, String(points))
      t.same(wrong, [])
    })
  }

  const prepared = async () => sessionIn(await store.create(draft(1, 2, { externalId: 'order-1' }))).id

  for (const isRepeated of [false, true]) {
    const name = isRepeated ? 'and it is asked for again, it is done' : 'nobody is connected wrongly'
    t.test(`while a participant is replaced, ${name}`, async (t) => {
      const change = { ...replace(3), expiresAt: START + 40 * DAY }
      const { points, wrong } = await failEverywhere(
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
      t.ok(points > 15, String(points))
      t.same(wrong, [])
    })

    t.test(`while a session is closed${isRepeated ? ', and again' : ''}`, async (t) => {
      const { points, wrong } = await failEverywhere(
        prepared,
        (store, id) => store.close(id),
        async (id) => {
          const faults: string[] = []
          const before = await calls([1, 2])
          if (before.length === 1) faults.push('half closed')
          if (isRepeated && !(await store.close(id))?.session.closedAt) faults.push('not closed')
          if (isRepeated && (await calls([1, 2])).length > 0) faults.push('still connected')
          return [...faults, ...(await faultsOf([1, 2]))]
        },
      )
      t.ok(points > 5, String(points))
      t.same(wrong, [])
    })
  }
})

test('while keys are rotated', withServer, async (t) => {
  const server = await startServer(t)
  const pool = Array.from({ length: 40 }, (_, i) => String(919000001000 + i))
  const world = standing({ pool })
  const withKeys = async (...keys: [string, ...string[]]) =>
    patient(await connect(t, server.url, world.options, keys), world.options)
  const [old, rotating, anew, behind] = await Promise.all([
    withKeys(STORE_KEY),
    withKeys(OTHER_KEY, STORE_KEY),
    withKeys(OTHER_KEY),
    withKeys(STORE_KEY, OTHER_KEY),
  ])
  const reaches = async ({ store }: typeof old, n: number, dialled: string) => {
    const found = await store.findLeg([whole(person(n))], dialled)
    return found?.kind === 'open' ? found.leg.destination.slice(1) : found?.kind
  }
  t.beforeEach(async () => {
    await server.client.flushall()
    world.time = START
  })

  t.test('what was written before is read, changed and closed', async (t) => {
    const first = draft(1, 2, { externalId: 'order-1' })
    const { id, participants } = sessionIn(await old.store.create(first))
    const dialled = participants[0].maskingNumber
    t.equal(await reaches(rotating, 1, dialled), whole(person(2)))
    t.same(await rotating.store.numbersOf([whole(person(1))]), [dialled])
    t.match(await rotating.store.list({ limit: 9 }), { sessions: [{ id }] })
    t.match(await rotating.store.create(first), { kind: 'existing', session: { id } })
    t.match(await rotating.store.create({ ...first, fingerprint: 'other' }), { kind: 'conflict' })

    t.match(await rotating.store.change(id, replace(3)), { kind: 'changed' })
    t.equal(await reaches(rotating, 1, dialled), whole(person(3)))
    t.equal(await reaches(rotating, 3, participants[1].maskingNumber), whole(person(1)))
    t.equal(await reaches(rotating, 2, participants[1].maskingNumber), undefined)
    t.match(await rotating.store.close(id), { session: { closedAt: START } })
    t.equal(await reaches(rotating, 1, dialled), 'ended')
  })

  t.test('what is written now is written under the new key', async (t) => {
    const { id, participants } = sessionIn(await rotating.store.create(draft(1, 2)))
    const dialled = participants[0].maskingNumber
    t.equal(await reaches(anew, 1, dialled), whole(person(2)))
    t.match(await anew.store.find(id), { id })
    t.equal(await reaches(old, 1, dialled), undefined)
    await t.rejects(old.store.find(id), { message: 'sealed with a key that is not in STORE_KEY' })
    t.equal(await reaches(behind, 1, dialled), whole(person(2)), 'who has the new key reads it')
  })

  t.test(
    'a person’s numbers under both keys are never given twice, nor is their rest cut short',
    async (t) => {
      const given = new Set<string>()
      for (const [i, { store }] of Array.from(
        { length: pool.length },
        (_, i) => [i, i % 2 ? old : rotating] as const,
      )) {
        // Whoever knows only the old key is asked as long as nobody writes with the new one.
        const by = i < pool.length / 2 ? old.store : store === old.store ? behind.store : store
        const { participants } = sessionIn(await by.create(draft(1, 100 + i)))
        given.add(participants[0].maskingNumber)
      }
      t.equal(given.size, pool.length)
      for (const { store } of [rotating, behind])
        t.match(await store.create(draft(1, 300)), { kind: 'exhausted', nextFreeAt: START + 30 * DAY + HOUR })
      for (const { id } of (await rotating.store.list({ limit: 100 })).sessions)
        await rotating.store.close(id)
      for (const { store } of [rotating, behind])
        t.match(await store.create(draft(1, 300)), { kind: 'exhausted', nextFreeAt: START + HOUR }, 'at rest')
      t.match(await rotating.store.create(draft(1, 101)), { kind: 'created' }, 'but for the same pair')
      world.time += HOUR
      t.match(await rotating.store.create(draft(1, 301)), { kind: 'created' })
    },
  )

  t.test('two instances with the keys in either order never give one number twice', async (t) => {
    const outcomes = await Promise.all(
      Array.from({ length: 60 }, (_, i) => (i % 2 ? rotating : behind).store.create(draft(1, 100 + i))),
    )
    const created = outcomes.filter(({ kind }) => kind === 'created').map((outcome) => sessionIn(outcome))
    const numbers = created.map(({ participants }) => participants[0].maskingNumber)
    t.equal(new Set(numbers).size, numbers.length, `${numbers.length} sessions`)
    t.ok(numbers.length > 0)
    for (const [i, dialled] of numbers.entries())
      t.equal(await reaches(rotating, 1, dialled), created[i]?.participants[1].number)
  })

  t.test('a session that is about to be written under the other key keeps its number', async (t) => {
    const { options } = standing({ pool: pool.slice(0, 1) })
    for (const [first, second] of [
      [behind, rotating],
      [rotating, behind],
    ] as const) {
      await server.client.flushall()
      const outcomes: CreateOutcome[] = []
      const slow = storeThrough(first, options, async (command, run) => {
        if (command === 'cmCommit')
          outcomes.push(await patient(second, options).store.create(draft(1, 3, { allowShortRest: true })))
        return run()
      })
      t.match(await slow.create(draft(1, 2)), { kind: 'created' })
      t.match(outcomes, [{ kind: 'exhausted' }])
    }
  })

  t.test('who is always too late for a number gives up', async (t) => {
    const [name] = createVault([STORE_KEY]).namesOf(whole(person(1)))
    const overtaken = storeThrough(rotating, world.options, async (command, run) => {
      const reply = await run()
      const leg = `s_other|${START + DAY}|${START}|mark|`
      if (command === 'cmClaim')
        await server.client.hset(`callmask:book:${name}`, String((reply as string[])[1]), leg)
      return reply
    })
    t.match(await overtaken.create(draft(1, 2)), { kind: 'exhausted', side: 0 })
    t.equal(await server.client.hlen(`callmask:book:${name}`), 5, 'after five attempts')
    const [current] = createVault([OTHER_KEY]).namesOf(whole(person(1)))
    t.equal(await server.client.exists(`callmask:book:${current}`), 0, 'and holds none of them')
  })

  t.test('with the old key gone too early nobody is connected wrongly', async (t) => {
    const before = sessionIn(await old.store.create(draft(1, 2)))
    for (const dialled of pool) t.equal(await reaches(anew, 1, dialled), undefined)
    t.same(await anew.store.numbersOf([whole(person(1))]), [])
    const after = sessionIn(await anew.store.create(draft(1, 3)))
    t.equal(await reaches(anew, 1, after.participants[0].maskingNumber), whole(person(3)))
    t.equal(await reaches(anew, 2, before.participants[1].maskingNumber), undefined)
    await t.rejects(anew.store.close(before.id))
  })
})

test('many sessions', withServer, async (t) => {
  const server = await startServer(t)
  const world = standing()
  const { store } = patient(await connect(t, server.url, world.options), world.options)
  t.beforeEach(() => server.client.flushall())
  const openMany = async (count: number) => {
    const all = Array.from({ length: count }, (_, i) =>
      store.create(draft(2 * i, 2 * i + 1, { createdAt: START + Math.floor(i / 250) })),
    )
    return (await Promise.all(all)).map((outcome) => sessionIn(outcome))
  }
  const newestFirst = (a: { createdAt: number; id: string }, b: { createdAt: number; id: string }) =>
    b.createdAt - a.createdAt || (a.id < b.id ? 1 : -1)

  t.test('are listed in pages, also those of one millisecond', async (t) => {
    const ids = (await openMany(450)).toSorted(newestFirst).map(({ id }) => id)
    for (const limit of [100, 200, 450]) {
      const seen: string[] = []
      let cursor: string | undefined
      do {
        const page = await store.list({ limit, cursor })
        seen.push(...page.sessions.map(({ id }) => id))
        cursor = page.next
      } while (cursor !== undefined)
      t.same(seen, ids, `pages of ${limit}`)
    }
    t.same(await store.list({ limit: 0 }), { sessions: [], next: undefined })
  })

  t.test('of which none is asked for end a page that can be turned', async (t) => {
    const members = Array.from({ length: 10_050 }, (_, i) => [START + 1_000 + i, `s_gone_${i}`]).flat()
    await server.client.zadd('callmask:index', ...members)
    const [session] = await openMany(1)
    const page = await store.list({ limit: 9 })
    t.same(page, { sessions: [], next: page.next })
    t.match(page.next, /^\d+\.s_gone_50$/)
    t.match(await store.list({ limit: 9, cursor: page.next }), { sessions: [{ id: session?.id }] })
  })

  t.test('leave the list when they are gone, a piece at a time', async (t) => {
    const sessions = await openMany(250)
    const gone = sessions.filter((_, i) => i % 2 === 0).map(({ id }) => id)
    await server.client.del(...gone.map((id) => `callmask:session:${id}`))
    const counts: number[] = []
    for (let i = 0; i < 6; i++) counts.push(await store.upkeep())
    t.ok(counts.every((count) => count <= 100))
    t.equal(
      counts.reduce((sum, count) => sum + count, 0),
      gone.length,
    )
    t.equal(await server.client.zcard('callmask:index'), sessions.length - gone.length)
    t.equal((await store.list({ limit: 300 })).sessions.length, sessions.length - gone.length)
  })
})

test('several at once', withServer, async (t) => {
  const server = await startServer(t)
  const world = standing()
  const good = patient(await connect(t, server.url, world.options), world.options)
  const { store } = good
  t.beforeEach(() => server.client.flushall())
  /** Does something the moment before a command is sent, so many times. */
  const before = (wanted: string, work: () => Promise<unknown>, times = 1) => {
    let left = times
    return storeThrough(good, world.options, async (command, run) => {
      if (command === wanted && left-- > 0) await work()
      return run()
    })
  }
  const keyed = (more: Partial<SessionDraft> = {}) => draft(1, 2, { externalId: 'order-1', ...more })

  t.test('a change that was overtaken is made again, on what is there now', async (t) => {
    const { id } = sessionIn(await store.create(draft(1, 2)))
    let end = START + DAY
    const overtake = () => {
      end += SECOND
      return store.change(id, { expiresAt: end, allowShortRest: false })
    }
    t.match(await before('cmUpdate', overtake, 2).change(id, replace(3)), {
      kind: 'changed',
      session: { expiresAt: START + DAY + 2 * SECOND, participants: [{}, { number: whole(person(3)) }] },
    })
    await t.rejects(before('cmUpdate', overtake, 99).change(id, replace(4)), StoreUnavailableError)
    t.match(await before('cmUpdate', () => store.close(id)).change(id, replace(5)), { kind: 'ended' })
    for (const n of [4, 5]) t.same(await store.numbersOf([whole(person(n))]), [])
    t.match(await store.create(draft(5, 6)), { kind: 'created' }, 'what was taken for it is given back')
    const other = sessionIn(await store.create(draft(7, 8)))
    const forget = () => server.client.del(`callmask:session:${other.id}`)
    t.match(await before('cmUpdate', forget).change(other.id, replace(9)), { kind: 'unknown' })
    const third = sessionIn(await store.create(draft(17, 18)))
    const forgetThird = () => server.client.del(`callmask:session:${third.id}`)
    t.equal(await before('cmClose', forgetThird).close(third.id), undefined)
  })

  t.test('who asks for the same at the same time gets the same', async (t) => {
    const others: CreateOutcome[] = []
    const outcome = await before('cmCommit', async () => others.push(await store.create(keyed()))).create(
      keyed(),
    )
    t.match(outcome, { kind: 'existing', session: { id: sessionIn(others[0] as CreateOutcome).id } })
    t.equal((await store.list({ limit: 9 })).sessions.length, 1)
  })

  t.test('who finds no number, while the other with the same key does, gets theirs', async (t) => {
    const full: string[] = []
    for (const other of [11, 12, 13]) full.push(sessionIn(await store.create(draft(1, other))).id)
    let theirs: CreateOutcome | undefined
    const late = before('cmAbort', async () => {
      await store.close(String(full[0]))
      theirs = await store.create(keyed({ allowShortRest: true }))
    })
    const outcome = await late.create(keyed())
    t.match(theirs, { kind: 'created' })
    t.match(outcome, { kind: 'existing', session: { id: sessionIn(outcome).id } })
    t.equal((await store.list({ limit: 9, status: 'open' })).sessions.length, 3)
  })

  t.test('a name is not taken from a session that lasts longer after all', async (t) => {
    const { id } = sessionIn(await store.create(keyed({ expiresAt: START + HOUR })))
    // The clock of the instance that prolongs it is behind.
    const behind = patient(good, { ...world.options, now: () => START }).store
    const prolong = () => behind.change(id, { expiresAt: START + DAY, allowShortRest: false })
    world.time = START + HOUR
    const late = keyed({ createdAt: world.time, expiresAt: world.time + HOUR, fingerprint: 'other' })
    t.same(await before('cmBury', prolong).create(late), { kind: 'conflict' })
    t.match(await before('cmBury', prolong).create(keyed()), { kind: 'existing', session: { id } })

    world.time = START + DAY
    const next = keyed({ createdAt: world.time, expiresAt: world.time + HOUR })
    t.match(await store.create(next), { kind: 'created' })
    t.same(await prolong(), { kind: 'ended' }, 'and once it is taken, the session is over for all')
    t.match(await store.find(id), { expiresAt: START + DAY })
    t.equal((await store.list({ externalId: 'order-1', status: 'open', limit: 9 })).sessions.length, 1)
    world.time = START
  })

  t.test('two instances that take a free name at once open one session', async (t) => {
    const other = patient(await connect(t, server.url, world.options), world.options).store
    for (let round = 0; round < 20; round++) {
      const externalId = `order-${round}`
      const named = (fingerprint: string) =>
        draft(100 + 2 * round, 101 + 2 * round, { externalId, fingerprint })
      await store.close(sessionIn(await store.create(named('first'))).id)
      const outcomes = await Promise.all([store.create(named('a')), other.create(named('b'))])
      t.same(outcomes.map(({ kind }) => kind).toSorted(), ['conflict', 'created'])
      const { sessions } = await store.list({ externalId, limit: 9 })
      t.same(
        sessions.map(({ closedAt }) => closedAt === undefined).toSorted(),
        [false, true],
        'one is open, one is over',
      )
    }
  })

  t.test('a key that is bound to two requests at the same time is bound to one', async (t) => {
    const { id } = sessionIn(await store.create(keyed()))
    const bind = () => store.create(keyed({ idempotencyKey: 'k-2' }))
    const mine = await before('set', bind).create(keyed({ idempotencyKey: 'k-2' }))
    t.match(mine, { kind: 'existing', session: { id } })
    const takeKey = () => store.create(draft(5, 6, { idempotencyKey: 'k-3' }))
    t.same(await before('set', takeKey).create(keyed({ idempotencyKey: 'k-3' })), { kind: 'conflict' })
  })

  t.test('the names of forgotten sessions are forgotten', async (t) => {
    for (let day = 0; day < 20; day++) {
      world.time = START + day * DAY
      const times = { createdAt: world.time, expiresAt: world.time + HOUR }
      await store.create(keyed(times))
    }
    const [key = ''] = await server.client.keys('callmask:name:*')
    t.equal(await server.client.zcard(key), 9, 'a week, and the one before')
    t.ok((await server.client.pexpiretime(key)) >= world.time + HOUR + 7 * DAY)
    world.time = START
  })

  t.test('what was given up is not written any more', async (t) => {
    const abort = async () => {
      const [key = ''] = await server.client.keys('callmask:key:*')
      const id = String(await server.client.get(key)).split('|')[0]
      await server.client.hset(`callmask:session:${id}`, 'a', '1')
    }
    await t.rejects(before('cmCommit', abort).create(keyed()), StoreUnavailableError)
    t.same(await store.list({ limit: 9 }), { sessions: [] })
    t.same(await store.numbersOf([whole(person(1))]), [])
  })

  t.test('who is always too late for a key gives up, and nothing is opened', async (t) => {
    let n = 0
    const overtake = async () => {
      const [key = ''] = await server.client.keys('callmask:key:*')
      if (key) await server.client.set(key, `s_none${'0'.repeat(17)}|f|${START - DAY - n++}`)
    }
    await server.client.flushall()
    await store.create(keyed())
    await server.client.del(...(await server.client.keys('callmask:session:*')))
    world.time = START + HOUR
    await t.rejects(before('cmSwap', overtake, 99).create(keyed()), StoreUnavailableError)
    t.same(await store.list({ limit: 9 }), { sessions: [] })
    world.time = START
  })

  t.test('who took too long to find numbers opens nothing', async (t) => {
    const { now } = performance
    t.teardown(() => Object.assign(performance, { now }))
    const hold = async () => Object.assign(performance, { now: () => now.call(performance) + 6_000 })
    await t.rejects(before('cmClaim', hold).create(keyed()), StoreUnavailableError)
    Object.assign(performance, { now })
    t.same(await store.list({ limit: 9 }), { sessions: [] })
  })

  t.test('a number that somebody else’s crash left taken can be taken over', async (t) => {
    const { options } = standing({ pool: POOL.slice(0, 1) })
    const one = patient(good, { ...options, now: world.options.now }).store
    const { id } = sessionIn(await one.create(draft(1, 2)))
    const crash = () => Promise.reject(new StoreUnavailableError())
    const ends: Spy = (command, run) => (command === 'cmCommit' ? crash() : run())
    await t.rejects(storeThrough(good, options, ends).create(draft(3, 4)), StoreUnavailableError)
    const change = { replace: { side: 0, number: whole(person(3)) } as const, allowShortRest: false }
    t.match(await one.change(id, change), { kind: 'taken' }, 'it may still be written')
    world.time += A_WHILE
    t.match(
      await one.change(id, change),
      { kind: 'taken', freeAt: START + HOUR },
      'it rests since it was claimed',
    )
    world.time = START + HOUR
    t.match(await one.change(id, change), {
      kind: 'changed',
      session: { participants: [{ number: whole(person(3)) }] },
    })
    world.time = START
  })
})

test('a list shows what this instance can read, and fails with the store', withServer, async (t) => {
  const server = await startServer(t)
  const world = standing()
  const base = await connect(t, server.url, world.options, [OTHER_KEY])
  const theirs = patient(base, world.options).store
  const ours = patient(await connect(t, server.url, world.options), world.options).store
  await theirs.create(draft(1, 2))
  const { id } = sessionIn(await ours.create(draft(3, 4)))
  t.same(
    (await ours.list({ limit: 9 })).sessions.map((session) => session.id),
    [id],
  )
  const failing = storeThrough(base, world.options, async (command, run) => {
    if (command === 'hmget') throw new StoreUnavailableError()
    return run()
  })
  await t.rejects(failing.list({ limit: 9 }), StoreUnavailableError)
})
