import { ALL_SESSIONS, bookKey, POOL, recordKey, SESSION_KIND } from '../../../src/masking/keys.js'
import { ReadOnlyError, readOnly } from '../../../src/masking/read-only.js'
import { onEveryStorage } from '../../every-storage.js'
import { DAY, START } from '../../session-store-contract.js'

const WHOLE = { order: 'oldest first', limit: 10 } as const

onEveryStorage(
  'a view that only reads sees everything at another time, and changes nothing',
  async (t, make) => {
    const storage = await make(() => START)
    const [key, entry] = [recordKey('s_1'), { id: 's_1', at: START }]
    await storage.swap({ key, was: undefined, value: 1, until: START + DAY })
    await storage.enlist(ALL_SESSIONS, entry, START + DAY)
    const view = readOnly(storage, 400 * DAY)

    t.equal(view.now(), START + 400 * DAY)
    t.match(await view.read([key, POOL]), [{ value: 1 }, undefined])
    t.same(await view.entries(ALL_SESSIONS, WHOLE), [entry])
    const found: unknown[] = []
    for await (const some of view.all(SESSION_KIND)) found.push(...some.map(({ value }) => value))
    t.same(found, [1])
    t.equal(await view.nameOf(bookKey('919800000001')), await storage.nameOf(bookKey('919800000001')))

    const [was] = await view.read([key])
    for (const change of [
      () => view.swap({ key, was, value: 2, until: START + DAY }),
      () => view.enlist(ALL_SESSIONS, { id: 's_2', at: START }, START + DAY),
      () => view.delist(ALL_SESSIONS, [entry]),
      () => view.confirm([key]),
      () => view.upkeep(),
    ])
      await t.rejects(async () => {
        await change()
      }, new ReadOnlyError())
    t.match(await storage.read([key]), [{ value: 1 }])
    t.same(await storage.entries(ALL_SESSIONS, WHOLE), [entry])
    t.equal(storage.now(), START, 'the time of the storage itself stays')
  },
)
