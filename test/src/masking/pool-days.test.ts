import { test } from 'tap'
import { POOL_DAYS } from '../../../src/masking/keys.js'
import { MAX_DAYS, noteUse, readDays } from '../../../src/masking/pool-days.js'
import type { PoolUsage } from '../../../src/masking/usage.js'
import { onEveryStorage } from '../../every-storage.js'
import { DAY, HOUR, START } from '../../session-store-contract.js'
import { memoryStorage } from '../../store-under-test.js'

/** A pool in which one person holds so many numbers of a country. */
function usage(numbers: Record<string, number>, held: Record<string, number>): PoolUsage {
  const all = Object.values(held).reduce((sum, count) => sum + count, 0)
  const counted = Object.entries(numbers).flatMap(([country, count]) =>
    Array.from({ length: count }, (_, i) => ({
      number: `${country}${i}`,
      state: 'active' as const,
      country,
      openLegs: 0,
    })),
  )
  const draining = { number: 'x', state: 'draining' as const, country: 'DE', openLegs: 0 }
  return {
    numbers: [...counted, draining],
    headRoom: counted.length - all,
    openSessions: 0,
    holders: {
      all: { [all]: 1 },
      countries: Object.fromEntries(
        Object.entries(held).map(([country, count]) => [country, { [count]: 1 }]),
      ),
    },
  }
}

onEveryStorage(
  'each day is remembered at its fullest, with the numbers that there were at last',
  async (t, make) => {
    const storage = await make(() => START)
    t.same(await readDays(storage), [])
    await noteUse(storage, usage({ US: 2, IN: 5 }, { IN: 3 }), START)
    await noteUse(storage, usage({ US: 2, IN: 9 }, { IN: 2, US: 1 }), START + HOUR)
    await noteUse(storage, usage({ IN: 9 }, { IN: 1 }), START + 2 * HOUR)
    const first = {
      day: '2100-01-01',
      all: { numbers: 9, held: 3, room: 4 },
      countries: { IN: { numbers: 9, held: 3, room: 2 }, US: { numbers: 2, held: 1, room: 1 } },
    }
    t.same(await readDays(storage), [first])
    await noteUse(storage, usage({ IN: 9 }, { IN: 1 }), START + DAY)
    t.same(await readDays(storage), [
      first,
      {
        day: '2100-01-02',
        all: { numbers: 9, held: 1, room: 8 },
        countries: { IN: { numbers: 9, held: 1, room: 8 } },
      },
    ])
  },
)

test('what a day knows already is not written again', async (t) => {
  const storage = memoryStorage(() => START)
  let written = 0
  const counting = {
    ...storage,
    swap: (change: Parameters<typeof storage.swap>[0]) => {
      written += 1
      return storage.swap(change)
    },
  }
  for (let i = 0; i < 3; i++) await noteUse(counting, usage({ US: 1, IN: 5 }, { IN: 3 }), START + i * HOUR)
  t.equal(written, 1)
})

test('a country that comes into the pool is told of its first day', async (t) => {
  const storage = memoryStorage(() => START)
  await noteUse(storage, usage({ IN: 5 }, { IN: 3 }), START)
  await noteUse(storage, usage({ IN: 5, US: 1 }, { IN: 2 }), START + HOUR)
  t.match(await readDays(storage), [{ countries: { IN: { held: 3 }, US: { numbers: 1, held: 0, room: 1 } } }])
})

test('a count that ends after another one of the next day is told of its own day', async (t) => {
  const storage = memoryStorage(() => START)
  await noteUse(storage, usage({ IN: 5 }, { IN: 1 }), START)
  await noteUse(storage, usage({ IN: 5 }, { IN: 2 }), START + DAY)
  await noteUse(storage, usage({ IN: 5 }, { IN: 3 }), START + HOUR)
  t.same(
    (await readDays(storage)).map(({ day, all }) => [day, all.held]),
    [
      ['2100-01-01', 3],
      ['2100-01-02', 2],
    ],
  )
})

test('a bounded number of days is remembered', async (t) => {
  const storage = memoryStorage(() => START)
  for (let i = 0; i < MAX_DAYS + 3; i++) await noteUse(storage, usage({ IN: 5 }, {}), START + i * DAY)
  const days = await readDays(storage)
  t.equal(days.length, MAX_DAYS)
  t.equal(days[0]?.day, '2100-01-04')
})

test('days that cannot be read are forgotten, and a faster instance is let be', async (t) => {
  const storage = memoryStorage(() => START)
  await storage.swap({ key: POOL_DAYS, was: undefined, value: [], until: Number.POSITIVE_INFINITY })
  const bad = { value: undefined, unreadable: 'altered', version: 'x' } as const
  const broken = { ...storage, read: async () => [bad] }
  t.same(await readDays(broken), [])
  await t.resolves(noteUse(broken, usage({ IN: 5 }, {}), START))
  t.same(await readDays(storage), [])
})
