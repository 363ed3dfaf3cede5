import { test } from 'tap'
import { createHangUp, HANG_UP_STEP, LONGEST_CALL_MS } from '../../../src/calls/hang-up.js'
import { CALL, world as callWorld } from './work.js'

const numbered = (i: number) => CALL.replace(/^..../, String(1_000 + i))

function world() {
  const all = callWorld()
  const asked: string[] = []
  const failed: unknown[] = []
  const live = new Set<string>()
  const refused = new Set<string>()
  const hangUp = createHangUp({
    ...all,
    now: all.clock.now,
    async hangUp(id) {
      asked.push(id)
      if (refused.has(id)) throw new Error('refused')
      return live.delete(id)
    },
    onFailed: (error) => void failed.push(error),
  })
  return { ...all, asked, failed, live, refused, hangUp }
}

test('only calls that go on are ended', async (t) => {
  const { begin, calls, clock, asked, live, hangUp } = world()
  await begin(numbered(0))
  clock.time += LONGEST_CALL_MS + 1
  await begin(numbered(1))
  await begin(numbered(2), { dialled: 'talked' })
  await begin(numbered(3), { ended: { how: 'cancelled' } })
  await begin(numbered(4))
  await calls.note(numbered(5), { begun: { at: clock.time, sessionId: 's_2' } })
  await calls.note(numbered(6), { begun: { at: clock.time, sessionId: 's_1', refused: 'too-many-calls' } })
  live.add(numbered(1))
  t.same(await hangUp('s_1'), { ended: 1, left: 0 })
  t.same(asked.sort(), [numbered(1), numbered(4)], 'the second had ended, and nobody told of it yet')
  t.same(await hangUp('s_3'), { ended: 0, left: 0 })
})

test('what the carrier does not end is said', async (t) => {
  const { begin, failed, live, refused, hangUp } = world()
  for (const i of [0, 1, 2]) {
    await begin(numbered(i))
    live.add(numbered(i))
  }
  refused.add(numbered(1))
  t.same(await hangUp('s_1'), { ended: 2, left: 1 })
  t.match(failed, [{ message: 'refused' }])
  refused.clear()
  t.same(await hangUp('s_1'), { ended: 1, left: 0 })
})

test('also of very many calls each is found, and few are ended at once', async (t) => {
  const { begin, calls, clock, live } = world()
  for (let i = 0; i < 250; i += 1) {
    await begin(numbered(i), i < 20 ? {} : { dialled: 'talked' })
    live.add(numbered(i))
  }
  let [now, most] = [0, 0]
  const hangUp = createHangUp({
    calls,
    now: clock.now,
    async hangUp() {
      now += 1
      most = Math.max(most, now)
      await new Promise(setImmediate)
      now -= 1
      return true
    },
    onFailed: () => undefined,
  })
  t.same(await hangUp('s_1'), { ended: 20, left: 0 })
  t.equal(most, HANG_UP_STEP)
})
