import { test } from 'tap'
import { COST_DELAY_MS } from '../../../src/calls/costs.js'
import { AT_ONCE } from '../../../src/calls/work-lists.js'
import { CALL, RECORDING, world } from './work.js'

const OTHER = 'cccccccc-1c3b-4a59-8e7f-90a1b2c3d4e5'

test('a call that is over waits for its cost, once', async (t) => {
  const { calls, begin, uncosted, clock } = world()
  await begin(CALL)
  t.same(await uncosted(), [])
  clock.time += 10_000
  await Promise.all([calls.note(CALL, { dialled: 'talked' }), calls.note(CALL, { ended: { how: 'talked' } })])
  await calls.note(CALL, { dialled: 'talked' })
  t.same(await uncosted(), [{ id: `${CALL}.0`, at: clock.time + COST_DELAY_MS }])
})

test('a refused call does not, and none where the carrier cannot be asked', async (t) => {
  const refused = world()
  await refused.calls.note(CALL, { begun: { at: refused.clock.time, refused: 'unknown-caller' } })
  await refused.calls.note(CALL, { ended: { how: 'talked' } })
  t.same(await refused.uncosted(), [])
  const silent = world({ asks: 'nothing' })
  await silent.begin(CALL, { dialled: 'talked' })
  t.same(await silent.uncosted(), [])
})

test('each recording stands in a list, by when its call began', async (t) => {
  const { calls, begin, recorded, clock } = world()
  const at = clock.time
  await begin(CALL)
  clock.time += 60_000
  await calls.note(CALL, { recordings: { [RECORDING]: {} } })
  await calls.note(CALL, { recordings: { [RECORDING]: { ready: true }, [OTHER]: {} } })
  t.same(await recorded(), [
    { id: `${CALL}.${RECORDING}`, at },
    { id: `${CALL}.${OTHER}`, at },
  ])
})

test('the recordings of calls that are forgotten are deleted at once', async (t) => {
  const { calls, begin, recorded } = world()
  await begin(CALL, { recordings: { [RECORDING]: { ready: true }, [OTHER]: { deletedAt: 1 } } })
  t.equal(await calls.forget('s_1'), 1)
  t.match(await recorded(), [{ id: `${CALL}.${RECORDING}`, at: AT_ONCE }, {}, {}])
})
