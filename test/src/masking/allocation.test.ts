import { test } from 'tap'
import { candidatesIn, chooseNumber } from '../../../src/masking/allocation.js'

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

test('candidatesIn begins anywhere in the pool, and can put one number last', async (t) => {
  const order = (from: number, last?: string) =>
    candidatesIn(['911', '912', '13'], { countryCode: '91', from, last }).map(({ number }) => number)
  t.same(order(0), ['911', '912', '13'])
  t.same(order(4), ['912', '13', '911'])
  t.same(order(4, '912'), ['13', '911', '912'])
  t.same(candidatesIn([], { countryCode: '91', from: 7 }), [])
  t.same(candidatesIn(['911', '13'], { countryCode: '91', from: 0 }), [
    { number: '911', isHome: true },
    { number: '13', isHome: false },
  ])
})
