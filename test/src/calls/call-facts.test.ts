import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { test } from 'tap'
import { type CallFacts, hasEnded, isOver, joinFacts, MAX_PARTS } from '../../../src/calls/call-facts.js'
import { LEG, RECORDING } from '../../call-stories.js'

const ids = Array.from({ length: 12 }, (_, i) => `${String(i).padStart(8, '0')}-0000-4000-8000-000000000000`)
const end = fc.constantFrom('talked', 'no_answer', 'busy', 'cancelled', 'failed')

/** A value, or nothing at all. */
function maybe<Of>(arbitrary: fc.Arbitrary<Of>) {
  return fc.option(arbitrary, { nil: undefined })
}

const ended = fc.record({
  how: maybe(end),
  code: maybe(fc.constantFrom('3010', '4000', '6010')),
  by: maybe(fc.constantFrom('caller', 'called', 'business', 'carrier')),
  seconds: maybe(fc.nat(9)),
  ring: maybe(fc.nat(9)),
})

function parts<Of>(arbitrary: fc.Arbitrary<Of>) {
  return maybe(fc.dictionary(fc.constantFrom(...ids), arbitrary, { maxKeys: 5 }))
}

/** Facts as events bring them, never of more legs than are kept. */
const facts = fc.record({
  begun: maybe(
    fc.record({
      at: fc.nat(2),
      sessionId: maybe(fc.constantFrom('s_1', 's_2')),
      side: maybe(fc.constantFrom(0, 1)),
      maskingNumber: maybe(fc.constantFrom('919000000001', '919000000002')),
      refused: maybe(fc.constantFrom('unknown-caller', 'session-ended')),
    }),
  ),
  legs: parts(
    fc.record({
      answered: maybe(fc.constant(true)),
      connected: maybe(fc.constant(true)),
      ended: maybe(ended),
    }),
  ),
  dialled: maybe(end),
  ended: maybe(ended),
  recordings: parts(
    fc.record({ ready: maybe(fc.constant(true)), ms: maybe(fc.nat(9)), deletedAt: maybe(fc.nat(9)) }),
  ),
  pinUsed: maybe(fc.constant(true)),
  costs: parts(fc.record({ amount: fc.constantFrom('0.45', '0.90'), currency: fc.constant('INR') })),
}) as fc.Arbitrary<CallFacts>

/** As they are kept. */
const kept = (facts: CallFacts): unknown => JSON.parse(JSON.stringify(facts))
const isSame = (one: CallFacts, other: CallFacts) => isDeepStrictEqual(kept(one), kept(other))

test('facts can be joined in any order, in any groups, and any number of times', async (t) => {
  fc.assert(
    fc.property(facts, facts, (a, b) => isSame(joinFacts(a, b), joinFacts(b, a))),
    { numRuns: 2_000 },
  )
  fc.assert(
    fc.property(facts, facts, facts, (a, b, c) =>
      isSame(joinFacts(joinFacts(a, b), c), joinFacts(a, joinFacts(b, c))),
    ),
    { numRuns: 2_000 },
  )
  fc.assert(
    fc.property(facts, facts, (a, b) => {
      const both = joinFacts(a, b)
      return isSame(joinFacts(both, a), both) && isSame(joinFacts(both, both), both)
    }),
    { numRuns: 2_000 },
  )
  fc.assert(fc.property(facts, (a) => isSame(joinFacts(a, {}), a) && isSame(joinFacts({}, a), a)))
  t.pass()
})

test('facts that were joined are written the same, so that nothing new is nothing to write', async (t) => {
  fc.assert(
    fc.property(facts, facts, (a, b) => {
      const both = joinFacts(joinFacts(a, b), joinFacts(b, a))
      return JSON.stringify(joinFacts(both, a)) === JSON.stringify(both)
    }),
    { numRuns: 2_000 },
  )
  t.pass()
})

test('the first answer to a call counts', async (t) => {
  const first = { begun: { at: 1, refused: 'unknown-caller' } }
  const second = { begun: { at: 2, sessionId: 's_1', side: 0 as const } }
  t.same(joinFacts(second, first), first)
  t.same(joinFacts(first, { begun: { at: 1, maskingNumber: '919000000001' } }), {
    begun: { at: 1, maskingNumber: '919000000001', refused: 'unknown-caller' },
  })
})

test('a call has so many legs, recordings and costs at most', async (t) => {
  const one = (id: string): CallFacts => ({
    legs: { [id]: { answered: true } },
    recordings: { [id]: { ready: true } },
    costs: { [id]: { amount: '0.45', currency: 'INR' } },
  })
  const { legs, recordings, costs } = ids.toReversed().map(one).reduce(joinFacts)
  for (const parts of [legs, recordings, costs]) t.same(Object.keys(parts ?? {}), ids.slice(0, MAX_PARTS))
})

test('a call is over once its end is told, or that nothing is dialled any more', async (t) => {
  const begun = { at: 1 }
  for (const facts of [{ ended: {} }, { dialled: 'busy' }, { begun: { at: 1, refused: 'x' } }] as CallFacts[])
    t.ok(isOver({ begun, ...facts }))
  t.notOk(isOver({ begun, legs: { [LEG]: { ended: {} } }, recordings: { [RECORDING]: { ready: true } } }))
  t.notOk(isOver({}))
  t.notOk(hasEnded({ begun: { at: 1, refused: 'x' } }), 'a caller who is refused still hears a sentence')
})
