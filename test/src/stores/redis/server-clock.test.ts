import { test } from 'tap'
import { StoreUnavailableError } from '../../../../src/masking/storage.js'
import { createServerClock } from '../../../../src/stores/redis/server-clock.js'
import { START } from '../../../session-store-contract.js'

/** A server whose time and whose distance a test sets. */
function world() {
  const state = { elapsed: 5_000, server: START, wayMs: 0, questions: 0, isAway: false }
  const clock = createServerClock({
    async ask() {
      state.questions += 1
      if (state.isAway) throw new StoreUnavailableError()
      pass(state.wayMs / 2)
      const told = state.server
      pass(state.wayMs / 2)
      return told
    },
    elapsed: () => state.elapsed,
  })
  function pass(ms: number): void {
    state.elapsed += ms
    state.server += ms
  }
  return Object.assign(state, { clock, pass })
}

test('before the server has told its time nobody knows it', async (t) => {
  const { clock } = world()
  t.throws(clock.now, StoreUnavailableError)
  await clock.known()
  t.equal(clock.now(), START)
  t.equal(clock.known(), undefined)
})

test('all who wait for the time ask one question, and after a failure another', async (t) => {
  const state = world()
  state.isAway = true
  const waiting = [state.clock.known(), state.clock.known()].map((known) => Promise.resolve(known))
  for (const known of waiting) await t.rejects(known, StoreUnavailableError)
  t.equal(state.questions, 1)
  t.throws(state.clock.now, StoreUnavailableError)
  state.isAway = false
  await Promise.all([state.clock.known(), state.clock.known()])
  t.equal(state.questions, 2)
})

test('the time goes on without a question, in whole milliseconds', async (t) => {
  const state = world()
  await state.clock.known()
  state.pass(1_234.9)
  t.equal(state.clock.now(), START + 1_234)
  t.equal(state.questions, 1)
})

test('the server counts as having looked at its clock half-way', async (t) => {
  const state = world()
  state.wayMs = 80
  await state.clock.known()
  t.equal(state.clock.now(), state.server)
})

test('it follows a server that is set ahead, and waits for one that is set back', async (t) => {
  const state = world()
  await state.clock.known()
  state.server += 60_000
  await state.clock.sync()
  t.equal(state.clock.now(), START + 60_000)
  state.server -= 60_000
  await state.clock.sync()
  t.equal(state.clock.now(), START + 60_000, 'it never goes back')
  state.pass(59_999)
  t.equal(state.clock.now(), START + 60_000)
  state.pass(2)
  t.equal(state.clock.now(), START + 60_001)
})

test('with the server away the time goes on', async (t) => {
  const state = world()
  await state.clock.known()
  state.isAway = true
  await t.rejects(state.clock.sync(), StoreUnavailableError)
  state.pass(1_000)
  t.equal(state.clock.now(), START + 1_000)
})
