import fc from 'fast-check'
import { test } from 'tap'
import { draft, sessionIn, standing } from '../../drafts.js'
import { POOL } from '../../session-store-contract.js'
import { storeThrough } from '../../spied-storage.js'
import { memoryStorage, storeOver } from '../../store-under-test.js'

const INSTANCES = [0, 1, 2]
const PEOPLE = [1, 2] as const

test('the same create at three instances gets all of them one session, or leaves nothing taken', (t) =>
  t.resolves(
    fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.tuple(fc.nat(POOL.length), fc.nat(POOL.length)),
        async (scheduler, held) => {
          const { options } = standing()
          const storage = memoryStorage(options.now)
          const store = await storeOver(storage, options)
          const create = async (one: number, other: number) => store.create(draft(one, other))
          for (const [i, person] of PEOPLE.entries())
            for (let n = 0; n < Number(held[i]); n++) await create(person, 10 * person + n)

          const inAnyOrder = (_operation: string, run: () => Promise<unknown>) =>
            scheduler.schedule(Promise.resolve()).then(run)
          const same = draft(...PEOPLE, { idempotencyKey: 'the same' })
          const outcomes = await scheduler.waitFor(
            Promise.all(INSTANCES.map(() => storeThrough(storage, options, inAnyOrder).create(same))),
          )

          if (!held.includes(POOL.length))
            return new Set(outcomes.map((outcome) => sessionIn(outcome).id)).size === 1
          for (const [i, person] of PEOPLE.entries())
            for (let n = Number(held[i]); n < POOL.length; n++)
              sessionIn(await create(person, 100 + 10 * person + n))
          return outcomes.every(({ kind }) => kind === 'exhausted')
        },
      ),
    ),
  ))
