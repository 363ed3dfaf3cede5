import { setImmediate as turn } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import { test } from 'tap'
import { bookKey } from '../../../src/masking/keys.js'
import { type Storage, StoreUnavailableError } from '../../../src/masking/storage.js'
import { draft, sessionIn, standing } from '../../drafts.js'
import { DAY, HOUR, person, START, whole } from '../../session-store-contract.js'
import { type Spy, spiedOn } from '../../spied-storage.js'
import { memoryStorage, rulesOver, storeOver } from '../../store-under-test.js'
import { toldOver } from '../../told.js'

/** Puts entries into lists so slowly, each kind for another time, that whoever does not wait for one is seen. */
function slowLists() {
  const steps: string[] = []
  const spy: Spy = async (operation, run) => {
    if (operation === 'swap session') steps.push('write')
    if (!operation.startsWith('enlist')) return run()
    const isShort = operation.endsWith('-to-tell')
    for (let i = 0; i < (isShort ? 2 : 10); i += 1) await turn()
    await run()
    steps.push(operation)
  }
  return { steps, spy }
}

for (const [who, isTold] of [
  ['somebody is', true],
  ['nobody is', false],
] as const)
  test(`a record is written once it stands in all of its lists, where ${who} told`, async (t) => {
    const { options } = standing()
    const storage = memoryStorage(options.now)
    await storeOver(storage, options)
    const { steps, spy } = slowLists()
    const spied = spiedOn(storage, spy)
    const tells = isTold ? { toTell: toldOver(spied).sessionsToTell, nearMs: 0 } : undefined
    const store = rulesOver(spied, { ...options, ...(tells && { tells }) })
    const toTell = isTold ? ['enlist session-ends', 'enlist sessions-to-tell'] : []

    const { id } = sessionIn(await store.create(draft(1, 2, { externalId: 'order-1' })))
    const opened = steps.splice(0)
    t.same(opened.at(-1), 'write')
    t.same(opened.slice(0, -1).sort(), ['enlist namesakes', ...toTell, 'enlist sessions'].sort())

    await store.change(id, { expiresAt: START + DAY + HOUR, allowShortRest: false })
    t.same(steps.at(-1), 'write')
    t.same(steps.filter((step) => toTell.includes(step)).sort(), toTell)
  })

test('both participants are given their numbers at once', async (t) => {
  const { options } = standing()
  const storage = memoryStorage(options.now)
  await storeOver(storage, options)
  let [underWay, most] = [0, 0]
  const spy: Spy = async (operation, run) => {
    if (operation !== 'swap book') return run()
    underWay += 1
    most = Math.max(most, underWay)
    await turn()
    underWay -= 1
    return run()
  }
  const { participants } = sessionIn(await rulesOver(spiedOn(storage, spy), options).create(draft(1, 2)))
  t.equal(most, 2)
  t.not(participants[0].maskingNumber, participants[1].maskingNumber)
})

for (const failing of [0, 1] as const)
  for (const keys of [{}, { externalId: 'order-1' }])
    test(`where the store fails for side ${failing}, the other loses no number, with ${Object.keys(keys).length} keys`, async (t) => {
      const { options } = standing()
      const storage = memoryStorage(options.now)
      await storeOver(storage, options)
      const books = [1, 2].map((n) => bookKey(whole(person(n))))
      const broken: Storage = {
        ...storage,
        swap: async (change) => {
          if (isDeepStrictEqual(change.key, books[failing])) throw new StoreUnavailableError()
          return storage.swap(change)
        },
      }
      await t.rejects(rulesOver(broken, options).create(draft(1, 2, keys)), StoreUnavailableError)
      t.same(await storage.read(books), [undefined, undefined])
      t.equal((await rulesOver(storage, options).create(draft(1, 2, keys))).kind, 'created')
    })
