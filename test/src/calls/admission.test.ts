import { randomUUID } from 'node:crypto'
import { test } from 'tap'
import { connectedKey, createAdmission } from '../../../src/calls/admission.js'
import type { CallOptions } from '../../../src/masking/call-options.js'
import type { Leg } from '../../../src/masking/session.js'
import { type Storage, StoreUnavailableError } from '../../../src/masking/storage.js'
import { onEveryStorage } from '../../every-storage.js'
import { DAY, HOUR, START } from '../../session-store-contract.js'
import { spiedOn } from '../../spied-storage.js'
import { memoryStorage } from '../../store-under-test.js'

const PAIR: Leg = { destination: '+918888800002', callerIdShown: '+919000000002' }
const legOf = (call?: CallOptions, sessionId = 's_1'): Leg => ({ ...PAIR, sessionId, ...(call && { call }) })

const over = (storage: Storage, defaults: CallOptions = {}) =>
  createAdmission({ storage, defaults, keptMs: 180 * DAY })

onEveryStorage('calls of a session are counted', async (t, makeStorage) => {
  t.test('each once, also when it is asked again', async (t) => {
    const { refusalOf } = over(await makeStorage(() => START))
    const leg = legOf({ maxCalls: 2 })
    for (const id of ['a', 'b', 'a', 'b']) t.equal(await refusalOf(leg, id), undefined, id)
    for (const id of ['c', 'd', 'c']) t.equal(await refusalOf(leg, id), 'too-many-calls', id)
    t.equal(await refusalOf(leg, 'a'), undefined, 'one that was connected still is')
    t.equal(await refusalOf(legOf({ maxCalls: 2 }, 's_2'), 'c'), undefined, 'of another session')
    t.equal(await refusalOf(legOf({ maxCalls: 3 }), 'c'), undefined, 'once the session may have more')
  })

  t.test('however many are asked for at the same time', async (t) => {
    const storage = await makeStorage(() => START)
    const instances = [over(storage), over(storage)]
    const leg = legOf({ maxCalls: 3 })
    const ids = Array.from({ length: 6 }, () => randomUUID())
    const asked = ids.flatMap((id) => instances.map(async ({ refusalOf }) => [id, await refusalOf(leg, id)]))
    const answers = await Promise.all(asked)
    const connected = new Set(answers.filter(([, reason]) => !reason).map(([id]) => id))
    t.equal(connected.size, 3)
    for (const [id, reason] of answers)
      t.equal(reason, connected.has(id) ? undefined : 'too-many-calls', 'both instances say the same')
  })

  t.test('until they are forgotten', async (t) => {
    const storage = await makeStorage(() => START)
    const { refusalOf, forget } = over(storage)
    const leg = legOf({ maxCalls: 1 })
    await forget('s_1')
    await refusalOf(leg, 'a')
    t.ok((await storage.read([connectedKey('s_1')]))[0])
    await Promise.all([forget('s_1'), forget('s_1')])
    t.same(await storage.read([connectedKey('s_1')]), [undefined])
    t.equal(await refusalOf(leg, 'b'), undefined)
  })
})

test('what all sessions may have holds where theirs says nothing', async (t) => {
  const { refusalOf } = over(
    memoryStorage(() => START),
    { maxCalls: 1 },
  )
  t.equal(await refusalOf(legOf(), 'a'), undefined)
  t.equal(await refusalOf(legOf({ greeting: 'Hello.' }), 'b'), 'too-many-calls')
  t.equal(await refusalOf(legOf({ maxCalls: 2 }), 'b'), undefined)
  for (const id of ['a', 'b', 'c']) t.equal(refusalOf(PAIR, id), undefined, 'the static pair has no limit')
})

test('outside of its hours a session connects nobody, and counts nobody', async (t) => {
  let time = Date.UTC(2026, 8, 1, 12)
  const storage = memoryStorage(() => time)
  const hours = { days: ['tue'], from: '09:00', to: '18:00', timeZone: 'UTC' } as const
  const { refusalOf } = over(storage, { hours })
  const leg = legOf({ maxCalls: 1 })
  t.equal(refusalOf(PAIR, 'a'), undefined, 'nobody waits for the store, where nothing is counted')
  time += 6 * HOUR
  t.equal(refusalOf(PAIR, 'a'), 'outside-hours')
  t.equal(await refusalOf(leg, 'a'), 'outside-hours')
  t.equal(await refusalOf(legOf({ hours: { ...hours, to: '19:00' } }), 'a'), undefined, 'by its own hours')
  time += 7 * DAY - 6 * HOUR
  t.equal(await refusalOf(leg, 'b'), undefined)
})

test('a limit that always changes meanwhile, or cannot be asked for, connects nobody', async (t) => {
  const storage = memoryStorage(() => START)
  const busy = over(spiedOn(storage, async (operation, run) => operation !== 'swap connected' && run()))
  await t.rejects(busy.refusalOf(legOf({ maxCalls: 1 }), 'a') as Promise<unknown>, StoreUnavailableError)
})
