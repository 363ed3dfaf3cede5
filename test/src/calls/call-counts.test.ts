import { test } from 'tap'
import {
  COUNTS_KEPT_MS,
  createCallCounts,
  DAY_MS,
  HOUR_MS,
  readHours,
  readNumberUses,
} from '../../../src/calls/call-counts.js'
import type { CallFacts } from '../../../src/calls/call-facts.js'
import { CALL_COUNTS_KIND } from '../../../src/masking/keys.js'
import { START } from '../../session-store-contract.js'
import { memoryStorage } from '../../store-under-test.js'

const [M1, M2] = ['919000000011', '919000000012']

function world() {
  const state = { time: START }
  const storage = memoryStorage(() => state.time)
  const counts = createCallCounts(storage)
  return Object.assign(state, {
    storage,
    counts,
    /** Tells what is known of a call, step by step. */
    async told(...steps: CallFacts[]) {
      for (const [i, step] of steps.entries()) counts.noted(steps[i - 1] ?? {}, step)
      await counts.write()
    },
    /** What is not 0 of an hour. */
    async hour(at: number) {
      const [hour] = await readHours(storage, { from: at, to: at + HOUR_MS })
      const outcomes = Object.entries(hour?.outcomes ?? {}).filter(([, count]) => count !== 0)
      return { began: hour?.began, ...Object.fromEntries(outcomes) }
    },
    uses: async (at: number) => Object.fromEntries(await readNumberUses(storage, at)),
  })
}

function begun(at: number, more: Partial<NonNullable<CallFacts['begun']>> = {}): CallFacts {
  return { begun: { at, maskingNumber: M1, shown: M2, ...more } }
}

test('a call is counted in the hour in which it began, and its outcome there once it is known', async (t) => {
  const { told, hour, uses } = world()
  const at = START + 2 * HOUR_MS - 1
  await told(begun(at))
  t.same(await hour(START + HOUR_MS), { began: 1 })
  await told(begun(at), { ...begun(at), dialled: 'busy' })
  t.same(await hour(START + HOUR_MS), { began: 2, busy: 1 })
  t.same(await hour(START), { began: 0 })
  t.same(await hour(START + 2 * HOUR_MS), { began: 0 })
  t.same(await uses(START), { [M1]: { dialled: 2, shown: 0 }, [M2]: { dialled: 0, shown: 2 } })
  t.same(await uses(START + DAY_MS), {})
})

test('a call whose facts turn out to be others is counted as they are in the end', async (t) => {
  const { told, hour, uses } = world()
  const ended = { ...begun(START + HOUR_MS), ended: { how: 'talked' } } as const
  await told(begun(START + HOUR_MS), ended, { ...ended, ...begun(START), dialled: 'no_answer' })
  t.same(await hour(START + HOUR_MS), { began: 0 })
  t.same(await hour(START), { began: 1, no_answer: 1 })
  t.same(await uses(START), { [M1]: { dialled: 1, shown: 0 }, [M2]: { dialled: 0, shown: 1 } })
  await told({}, { dialled: 'busy' })
  t.same(await hour(START), { began: 1, no_answer: 1 }, 'what is no record is no call')
})

test('a number is used by calls that are let through, and by no other', async (t) => {
  const { told, hour, uses, counts } = world()
  await told(begun(START, { refused: 'unknown-caller', shown: undefined }))
  const asked = { ...begun(START), pinAsked: true } as const
  await told(asked, { ...asked, ended: { how: 'talked' } })
  counts.refused(START)
  await counts.write()
  t.same(await hour(START), { began: 3, refused: 3 })
  t.same(await uses(START), {})
  await told(asked, { ...asked, pinUsed: true })
  t.same(await uses(START), { [M1]: { dialled: 1, shown: 0 }, [M2]: { dialled: 0, shown: 1 } })
  await told({ begun: { at: START } })
  t.same(await uses(START), { [M1]: { dialled: 1, shown: 0 }, [M2]: { dialled: 0, shown: 1 } })
})

test('hours of several days are read in one piece', async (t) => {
  const { told, storage } = world()
  for (const at of [START - 1, START, START + DAY_MS + HOUR_MS]) await told(begun(at))
  const hours = await readHours(storage, { from: START - HOUR_MS, to: START + DAY_MS + 2 * HOUR_MS })
  t.same(
    hours.flatMap(({ at, began }) => (began > 0 ? [(at - START) / HOUR_MS] : [])),
    [-1, 0, 25],
  )
  t.equal(hours.length, 27)
})

test('a day is kept for a month after its end, and says nothing of a person', async (t) => {
  const state = world()
  await state.told(begun(START, { sessionId: 's_1', side: 0 }))
  const pages: unknown[] = []
  for await (const found of state.storage.all(CALL_COUNTS_KIND)) pages.push(...found)
  t.match(pages, [
    { name: '2100-01-01.hours', value: { counts: { '00.began': 1 } } },
    { name: '2100-01-01.numbers', value: { counts: { [`${M1}.dialled`]: 1, [`${M2}.shown`]: 1 } } },
  ])
  t.notMatch(JSON.stringify(pages), 's_1')
  state.time = START + DAY_MS + COUNTS_KEPT_MS - 1
  await state.storage.upkeep()
  t.same(await state.hour(START), { began: 1 })
  state.time += 1
  await state.storage.upkeep()
  t.same(await state.hour(START), { began: 0 })
})

test('no count is shown below zero, whatever was lost', async (t) => {
  const { counts, hour } = world()
  counts.noted({ ...begun(START), dialled: 'busy' }, { ...begun(START), dialled: 'talked' })
  await counts.write()
  t.same(await hour(START), { began: 0, talked: 1 })
})
