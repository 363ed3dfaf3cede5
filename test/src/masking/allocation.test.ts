import { test } from 'tap'
import { candidatesIn, chooseNumber } from '../../../src/masking/allocation.js'
import type { Side } from '../../../src/masking/session.js'

const need = { counterpart: 'b', now: 1_000, restMs: 100, allowShortRest: false }
const candidates = ['1', '2', '3'].map((number) => ({ number, isHome: true }))
const leg = (number: string, endsAt: number, counterpart = 'x') => ({ number, endsAt, counterpart })

test('of its earlier numbers a pair gets the one that it had last', async (t) => {
  for (const held of [
    [leg('2', 800, 'b'), leg('3', 900, 'b')],
    [leg('2', 800, 'b'), leg('1', 900, 'b')],
  ]) {
    const latest = held.find(({ endsAt }) => endsAt === 900)?.number
    t.same(chooseNumber(held, { ...need, candidates }), { number: latest })
  }
})

test('of equally good numbers the first candidate is taken', async (t) => {
  t.same(chooseNumber([], { ...need, candidates }), { number: '1' })
  t.same(chooseNumber([leg('1', 900), leg('2', 900), leg('3', 900)], { ...need, candidates }), {
    number: '1',
    restedFor: 100,
  })
})

test('candidatesIn begins anywhere in the pool, with the numbers of the own country first', async (t) => {
  const order = (spread: number, side: Side) =>
    candidatesIn(['911', '13', '912', '14'], { countryCode: '91', spread, side }).map(({ number }) => number)
  t.same(order(0, 0), ['911', '912', '13', '14'])
  t.same(order(1, 0), ['912', '911', '14', '13'])
  t.same(order(4, 0), ['911', '912', '13', '14'])
  t.same(order(0, 1), ['912', '911', '14', '13'], 'the other side half of each part away')
  t.same(candidatesIn([], { countryCode: '91', spread: 7, side: 1 }), [])
  t.same(candidatesIn(['13', '911'], { countryCode: '91', spread: 0, side: 1 }), [
    { number: '911', isHome: true },
    { number: '13', isHome: false },
  ])
})
