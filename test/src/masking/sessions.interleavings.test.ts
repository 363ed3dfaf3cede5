import fc from 'fast-check'
import { test } from 'tap'
import { draft, sessionIn, standing } from '../../drafts.js'
import { POOL } from '../../session-store-contract.js'
import { storeThrough } from '../../spied-storage.js'
import { memoryStorage, storeOver } from '../../store-under-test.js'

const RUNS = 40
const INSTANCES = 3
const PEOPLE = [1, 2] as const

/** A store, and the same create at several instances, whose steps come in the order of the scheduler. */
async function instances(scheduler: fc.Scheduler) {
  const { options } = standing()
  const storage = memoryStorage(options.now)
  const store = await storeOver(storage, options)
  const inAnyOrder = (_operation: string, run: () => Promise<unknown>) =>
    scheduler.schedule(Promise.resolve()).then(run)
  const same = draft(...PEOPLE, { idempotencyKey: 'the same' })
  const createAtAll = () =>
    scheduler.waitFor(
      Promise.all(
        Array.from({ length: INSTANCES }, () => storeThrough(storage, options, inAnyOrder).create(same)),
      ),
    )
  return { store, createAtAll }
}

test('the same create at three instances gets all of them one session, or leaves no number at rest', async (t) => {
  const held = fc.nat(POOL.length)
  const agrees = fc.asyncProperty(fc.scheduler(), fc.tuple(held, held), async (scheduler, numbersHeld) => {
    const { store, createAtAll } = await instances(scheduler)
    for (const [i, person] of PEOPLE.entries())
      for (let n = 0; n < Number(numbersHeld[i]); n++) await store.create(draft(person, 10 * person + n))

    const outcomes = await createAtAll()
    if (!numbersHeld.includes(POOL.length))
      return new Set(outcomes.map((outcome) => sessionIn(outcome).id)).size === 1
    for (const [i, person] of PEOPLE.entries())
      for (let n = Number(numbersHeld[i]); n < POOL.length; n++)
        sessionIn(await store.create(draft(person, 100 + 10 * person + n)))
    return outcomes.every(({ kind }) => kind === 'exhausted')
  })
  await t.resolves(fc.assert(agrees, { numRuns: RUNS }))
})

test('the same create at three instances, refused by all, leaves at rest what rested', async (t) => {
  const rests = fc.asyncProperty(fc.scheduler(), async (scheduler) => {
    const { store, createAtAll } = await instances(scheduler)
    const earlier = sessionIn(await store.create(draft(...PEOPLE)))
    await store.close(earlier.id)
    // The second has no number left. The first would get the one that rests, because it had that for the second.
    for (const other of [21, 22, 23]) await store.create(draft(other, PEOPLE[1], { allowShortRest: true }))

    const outcomes = await createAtAll()
    const given: string[] = []
    for (const other of [31, 32])
      given.push(sessionIn(await store.create(draft(PEOPLE[0], other))).participants[0].maskingNumber)
    const isRefusedByAll = outcomes.every(({ kind }) => kind === 'exhausted')
    return isRefusedByAll && !given.includes(earlier.participants[0].maskingNumber)
  })
  await t.resolves(fc.assert(rests, { numRuns: RUNS }))
})
