import type { Test } from 'tap'
import { createSignIns, NOTED_EVERY_MS, type Who } from '../../../src/console/sign-ins.js'
import type { Storage } from '../../../src/masking/storage.js'
import type { StorageMaker } from '../../erasure-contract.js'
import { onEveryStorage } from '../../every-storage.js'
import { START } from '../../session-store-contract.js'

const IDLE = 30 * 60_000
const LONGEST = 12 * 60 * 60_000
const DESK: Who = { by: 'key', name: 'desk', mark: 'mark-of-the-desk' }
const ASHA: Who = { by: 'provider', name: 'sso:asha', scopes: ['explain'] }

async function open(make: StorageMaker) {
  const world = { time: START, swaps: 0 }
  const storage = await make(() => world.time)
  const counted: Storage = {
    ...storage,
    now: () => storage.now(),
    read: (keys) => storage.read(keys),
    swap(change) {
      world.swaps += 1
      return storage.swap(change)
    },
  }
  const signIns = createSignIns({ storage: counted, idleMs: IDLE, longestMs: LONGEST })
  return Object.assign(world, { storage, signIns })
}

onEveryStorage('sign-ins', async (t: Test, make) => {
  await t.test('are found by their cookies alone', async (t) => {
    const { signIns } = await open(make)
    const [cookie, other] = [await signIns.begin(DESK), await signIns.begin(ASHA)]
    const found = await signIns.find(cookie)
    t.match(cookie, /^[\w-]{43}$/)
    t.match(found, { who: DESK, since: START, seen: START, formToken: /^[\w-]{43}$/ })
    t.match(await signIns.find(other), { who: ASHA })
    t.not((await signIns.find(other))?.formToken, found?.formToken)
    t.notMatch(JSON.stringify(found), cookie)
    for (const wrong of ['', 'x', `${cookie}x`, found?.formToken ?? ''])
      t.equal(await signIns.find(wrong), undefined)
  })

  await t.test('end for want of use, and use is noted now and then', async (t) => {
    const world = await open(make)
    const { signIns } = world
    const cookie = await signIns.begin(DESK)
    const before = world.swaps
    world.time += NOTED_EVERY_MS - 1
    await signIns.find(cookie)
    t.equal(world.swaps, before, 'not each request costs a write')
    world.time += 1
    t.equal((await signIns.find(cookie))?.seen, world.time)
    t.equal(world.swaps, before + 1)
    world.time += IDLE - 1
    t.ok(await signIns.find(cookie))
    world.time += IDLE
    t.equal(await signIns.find(cookie), undefined)
  })

  await t.test('are not used by a look', async (t) => {
    const world = await open(make)
    const cookie = await world.signIns.begin(DESK)
    world.time += IDLE - 1
    t.match(await world.signIns.peek(cookie), { who: DESK, seen: START })
    t.equal(await world.signIns.peek('x'), undefined)
    world.time += 1
    t.equal(await world.signIns.peek(cookie), undefined)
    t.equal(await world.signIns.find(cookie), undefined)
  })

  await t.test('end in any case', async (t) => {
    const world = await open(make)
    const cookie = await world.signIns.begin(DESK)
    for (let ms = IDLE / 2; ms < LONGEST; ms += IDLE / 2) {
      world.time = START + ms
      t.ok(await world.signIns.find(cookie))
    }
    world.time = START + LONGEST
    t.equal(await world.signIns.find(cookie), undefined)
  })

  await t.test('are ended, also while they are used', async (t) => {
    const world = await open(make)
    const { signIns } = world
    const cookie = await signIns.begin(DESK)
    world.time += NOTED_EVERY_MS
    await Promise.all([signIns.find(cookie), signIns.end(cookie), signIns.find(cookie), signIns.end(cookie)])
    t.equal(await signIns.find(cookie), undefined)
    await signIns.end(cookie)
    await signIns.end('x')
  })

  await t.test('of one name are ended all at once, and others and later ones go on', async (t) => {
    const world = await open(make)
    const { signIns } = world
    const [first, second, other] = [
      await signIns.begin(ASHA),
      await signIns.begin(ASHA),
      await signIns.begin(DESK),
    ]
    world.time += 1
    await Promise.all([signIns.endAllOf('sso:asha'), signIns.endAllOf('sso:asha')])
    t.equal(await signIns.find(first), undefined)
    t.equal(await signIns.peek(second), undefined)
    t.ok(await signIns.find(other))
    world.time += 1
    const later = await signIns.begin(ASHA)
    t.ok(await signIns.find(later))
    await signIns.endAllOf('sso:asha')
    t.equal(await signIns.find(later), undefined, 'what began in the same moment too')
  })

  await t.test('that cannot be read are none', async (t) => {
    const { storage } = await open(make)
    const read = async () => [{ value: undefined, unreadable: 'altered', version: '1' } as const]
    const signIns = createSignIns({
      storage: { ...storage, read, now: () => storage.now() },
      idleMs: IDLE,
      longestMs: LONGEST,
    })
    t.equal(await signIns.find('x'), undefined)
  })
})
