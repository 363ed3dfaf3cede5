import { test } from 'tap'
import type { CallFacts } from '../../../src/calls/call-facts.js'
import { summaryOf } from '../../../src/calls/call-summary.js'
import {
  COST_ATTEMPTS,
  COST_DELAY_MS,
  COST_PAUSE_MS,
  createCosts,
  type LegCharge,
} from '../../../src/calls/costs.js'
import { CALL, world as callWorld, DAY, LEG } from './work.js'

const DUPLICATE = 'dddddddd-1c3b-4a59-8e7f-90a1b2c3d4e5'

const charge = (amount: string, more: Partial<LegCharge> = {}): LegCharge => ({
  amount,
  currency: 'INR',
  talk: 61,
  ring: 7,
  ...more,
})

/** Calls, and what their legs cost. */
function world(charges: Record<string, LegCharge> = {}) {
  const all = callWorld()
  const asked: string[] = []
  const failed: unknown[] = []
  const options = {
    ...all,
    chargeOf: async (legId: string) => {
      asked.push(legId)
      return charges[legId]
    },
    onFailed: (error: unknown) => void failed.push(error),
  }
  const costs = createCosts(options)
  const cost = async () => summaryOf((await all.calls.find(CALL)) as CallFacts).cost
  /** Lets time pass until it is asked again. */
  async function later(ms = COST_DELAY_MS): Promise<void> {
    all.clock.time += ms
    await costs.upkeep()
  }
  return { ...all, options, charges, asked, failed, costs, cost, later }
}

test('a call costs what its legs cost, asked some seconds after its end', async (t) => {
  const { begin, asked, cost, later, uncosted, calls } = world({
    [CALL]: charge('0.9', { bridgedWith: LEG }),
    [LEG]: charge('0.45', { bridgedWith: CALL }),
  })
  await begin(CALL, { legs: { [LEG]: { connected: true } }, dialled: 'talked' })
  await later(COST_DELAY_MS - 1)
  t.same(asked, [])
  await later(1)
  t.same(await cost(), { amount: '1.35', currency: 'INR' })
  t.same(asked, [CALL, LEG])
  t.same(await uncosted(), [])
  t.same((await calls.find(CALL))?.costs, {
    [CALL]: { amount: '0.9', currency: 'INR', talk: 61, ring: 7 },
    [LEG]: { amount: '0.45', currency: 'INR', talk: 61, ring: 7 },
  })
  await later()
  t.equal(asked.length, 2, 'and never again')
})

test('a leg of which no event told is known from the record of the caller’s', async (t) => {
  const { begin, cost, later } = world({
    [CALL]: charge('0.9', { bridgedWith: LEG }),
    [LEG]: charge('0.45', { bridgedWith: CALL }),
  })
  await begin(CALL, { dialled: 'talked' })
  await later()
  t.same(await cost(), { amount: '1.35', currency: 'INR' })
})

test('a phone that rang in vain costs nothing, and that is known too', async (t) => {
  const { begin, cost, later } = world({ [CALL]: charge('0.45'), [LEG]: charge('0', { talk: 0 }) })
  await begin(CALL, { legs: { [LEG]: {} }, dialled: 'no_answer' })
  await later()
  t.same(await cost(), { amount: '0.45', currency: 'INR' })
})

test('a second record of the same leg is not counted', async (t) => {
  const { begin, cost, later } = world({
    [CALL]: charge('0.9', { bridgedWith: LEG }),
    [LEG]: charge('0.45', { bridgedWith: CALL }),
    [DUPLICATE]: charge('0.45', { bridgedWith: CALL }),
  })
  await begin(CALL, { legs: { [LEG]: { connected: true }, [DUPLICATE]: {} }, dialled: 'talked' })
  await later()
  t.same(await cost(), { amount: '1.35', currency: 'INR' })
})

test('what is not known yet is asked for again, ever later, and given up a day later', async (t) => {
  const { begin, charges, clock, cost, costs, later, uncosted, asked } = world({ [CALL]: charge('0.9') })
  await begin(CALL, { legs: { [LEG]: { connected: true } }, dialled: 'talked' })
  const begun = clock.time
  const times: number[] = []
  for (;;) {
    const [next] = await uncosted()
    if (!next) break
    clock.time = next.at
    times.push(next.at - begun)
    t.equal(await cost(), undefined, 'half of it would mislead')
    await costs.upkeep()
  }
  t.equal(times.length, COST_ATTEMPTS)
  t.same(times.slice(0, 4), [30_000, 60_000, 120_000, 240_000])
  const last = times.at(-1) as number
  t.ok(DAY <= last && last < DAY + COST_PAUSE_MS, 'a day')
  t.equal(asked.filter((id) => id === LEG).length, COST_ATTEMPTS)
  t.same(await cost(), { amount: '0.9', currency: 'INR' }, 'then what is known is told')

  charges[LEG] = charge('0.45')
  await later(DAY)
  t.same(await cost(), { amount: '0.9', currency: 'INR' })
})

test('a carrier that fails is asked again', async (t) => {
  const all = world({ [CALL]: charge('0.9') })
  let isBroken = true
  const costs = createCosts({
    ...all.options,
    async chargeOf(legId) {
      if (isBroken) throw new Error('broken')
      return all.options.chargeOf(legId)
    },
  })
  await all.begin(CALL, { dialled: 'failed' })
  all.clock.time += COST_DELAY_MS
  await costs.upkeep()
  t.match(all.failed, [{ message: 'broken' }])
  t.match(await all.uncosted(), [{ id: `${CALL}.1` }])
  isBroken = false
  all.clock.time += COST_DELAY_MS
  await costs.upkeep()
  t.same(await all.cost(), { amount: '0.9', currency: 'INR' })
})

test('a carrier that failed to the end leaves nothing behind', async (t) => {
  const all = world()
  const chargeOf = async () => {
    throw new Error('broken')
  }
  const costs = createCosts({ ...all.options, chargeOf })
  await all.begin(CALL, { dialled: 'failed' })
  for (let i = 0; i < COST_ATTEMPTS; i += 1) {
    all.clock.time += COST_PAUSE_MS
    await costs.upkeep()
  }
  t.equal(all.failed.length, COST_ATTEMPTS)
  t.same(await all.uncosted(), [])
  t.equal(await all.cost(), undefined)
})

test('a call that was forgotten is asked for no more', async (t) => {
  const { begin, calls, later, asked, uncosted } = world()
  await begin(CALL, { dialled: 'talked' })
  await calls.forget('s_1')
  await later()
  t.same([asked, await uncosted()], [[], []])
})

test('one instance asks at a time, and few calls at once', async (t) => {
  const { begin, clock, options, uncosted } = world()
  let [now, most, all] = [0, 0, 0]
  const chargeOf = async () => {
    now += 1
    all += 1
    most = Math.max(most, now)
    await new Promise(setImmediate)
    now -= 1
    return charge('0.45')
  }
  const instances = [1, 2].map(() => createCosts({ ...options, chargeOf }))
  for (let i = 10; i < 30; i += 1) await begin(CALL.replace(/^../, String(i)), { dialled: 'failed' })
  clock.time += COST_DELAY_MS
  await Promise.all(instances.map((costs) => costs.upkeep()))
  t.equal(all, 20)
  t.equal(most, 4)
  t.same(await uncosted(), [])
})

test('legs in two currencies have no sum', async (t) => {
  const facts: CallFacts = { costs: { [CALL]: charge('1'), [LEG]: charge('1', { currency: 'USD' }) } }
  t.equal(summaryOf(facts).cost, undefined)
  t.equal(summaryOf({}).cost, undefined)
})
