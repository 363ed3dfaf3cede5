import { test } from 'tap'
import { createTally, KNOWN_WRITES, readCounts } from '../../../src/calls/tally.js'
import { type Key, type Storage, StoreUnavailableError } from '../../../src/masking/storage.js'
import { onEveryStorage } from '../../every-storage.js'
import { DAY, START } from '../../session-store-contract.js'
import { spiedOn } from '../../spied-storage.js'
import { memoryStorage } from '../../store-under-test.js'

const keyOf = (page: string): Key => ({ kind: 'call-counts', id: page })

function tallyOver(storage: Storage) {
  return createTally({ storage, keyOf, untilOf: () => START + DAY })
}

async function countsOf(storage: Storage, page: string) {
  const [counts] = await readCounts(storage, [keyOf(page)])
  return counts
}

onEveryStorage('what many instances count is added up, page by page', async (t, make) => {
  const storage = await make(() => START)
  t.same(await countsOf(storage, 'a'), {})
  const tallies = Array.from({ length: 4 }, () => tallyOver(storage))
  for (let round = 0; round < 3; round += 1) {
    for (const tally of tallies) {
      tally.add('a', 'talked', 2)
      tally.add('a', 'talked', 1)
      tally.add('a', 'busy', 2)
      tally.add('b', 'busy', 1)
    }
    await Promise.all(tallies.map((tally) => tally.write()))
  }
  tallies[0]?.add('a', 'busy', -1)
  await tallies[0]?.write()
  t.same(await countsOf(storage, 'a'), { talked: 36, busy: 23 })
  t.same(await countsOf(storage, 'b'), { busy: 12 })
})

test('nothing is written where nothing was counted', async (t) => {
  const asked: string[] = []
  const tally = tallyOver(
    spiedOn(
      memoryStorage(() => START),
      async (operation, run) => {
        asked.push(operation)
        return run()
      },
    ),
  )
  await tally.write()
  tally.add('a', 'busy', 1)
  t.same(asked, [])
  await tally.write()
  await tally.write()
  t.same(asked, ['read call-counts', 'swap call-counts'])
})

test('what the store does not take is added later, with what came meanwhile', async (t) => {
  const storage = memoryStorage(() => START)
  let isDown = true
  const tally = tallyOver(
    spiedOn(storage, async (_operation, run) => {
      if (isDown) throw new StoreUnavailableError()
      return run()
    }),
  )
  for (const page of ['a', 'b', 'a']) {
    tally.add(page, 'busy', 1)
    await t.rejects(tally.write(), StoreUnavailableError)
  }
  isDown = false
  await tally.write()
  t.same(await countsOf(storage, 'a'), { busy: 2 })
  t.same(await countsOf(storage, 'b'), { busy: 1 })
})

test('what the store took without saying so is added once', async (t) => {
  const storage = memoryStorage(() => START)
  let isSilent = true
  const tally = tallyOver(
    spiedOn(storage, async (operation, run) => {
      const result = await run()
      if (isSilent && operation === 'swap call-counts') throw new StoreUnavailableError()
      return result
    }),
  )
  tally.add('a', 'busy', 1)
  await t.rejects(tally.write(), StoreUnavailableError)
  isSilent = false
  const others = tallyOver(storage)
  for (let i = 1; i < KNOWN_WRITES; i += 1) {
    others.add('a', 'busy', 1)
    await others.write()
  }
  tally.add('a', 'busy', 1)
  await tally.write()
  t.same(await countsOf(storage, 'a'), { busy: KNOWN_WRITES + 1 })
  const [kept] = await storage.read([keyOf('a')])
  t.match(kept?.value, { writes: { length: KNOWN_WRITES } }, 'a page knows so many writes')
})

test('a page that cannot be read begins anew', async (t) => {
  const storage = memoryStorage(() => START)
  const tally = tallyOver(storage)
  tally.add('a', 'busy', 7)
  await tally.write()
  const [kept] = await storage.read([keyOf('a')])
  const broken = {
    ...storage,
    read: async () => [{ value: undefined, unreadable: 'altered', version: String(kept?.version) } as const],
  }
  t.same(await countsOf(broken, 'a'), {})
  const later = tallyOver(broken)
  later.add('a', 'busy', 1)
  await later.write()
  t.same(await countsOf(storage, 'a'), { busy: 1 })
})
