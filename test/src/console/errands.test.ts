import { createErrands, ERRAND_SECONDS } from '../../../src/console/errands.js'
import { onEveryStorage } from '../../every-storage.js'
import { START } from '../../session-store-contract.js'

const ERRAND = { kept: { state: 's', nonce: 'n', verifier: 'v' }, to: '/console/calls' }

onEveryStorage('an errand', async (t, make) => {
  let time = START
  const storage = await make(() => time)
  const errands = createErrands(storage)

  await t.test('is given out once, to one', async (t) => {
    const cookie = await errands.begin(ERRAND)
    t.match(cookie, /^[\w-]{43}$/)
    t.not(await errands.begin(ERRAND), cookie)
    const all = await Promise.all([errands.end(cookie), errands.end(cookie), errands.end(cookie)])
    t.same(all.filter(Boolean), [ERRAND])
    t.equal(await errands.end(cookie), undefined)
    t.equal(await errands.end(''), undefined)
  })

  await t.test('is over after ten minutes', async (t) => {
    const [first, second] = [await errands.begin(ERRAND), await errands.begin(ERRAND)]
    time += ERRAND_SECONDS * 1_000 - 1
    t.same(await errands.end(first), ERRAND)
    time += 1
    t.equal(await errands.end(second), undefined)
  })

  await t.test('that cannot be read is none', async (t) => {
    const unreadable = {
      ...storage,
      read: async () => [{ value: undefined, unreadable: 'altered', version: '1' } as const],
    }
    t.equal(await createErrands(unreadable).end('x'), undefined)
  })
})
