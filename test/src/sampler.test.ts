import { test } from 'tap'
import { createSampler, SAMPLE_MS } from '../../src/sampler.js'
import { testClock } from '../clocks.js'

function sampling() {
  const clock = testClock(1_000)
  const told: unknown[] = []
  const sampler = createSampler<string, string>(clock, (kind, { count, since, detail }) =>
    told.push([kind, count, since, detail]),
  )
  function secondLater(): void {
    clock.time += SAMPLE_MS
    clock.runOut(SAMPLE_MS)
  }
  return { clock, told, sampler, secondLater }
}

test('the first event is reported at once, later ones at the end of the second', async (t) => {
  const { clock, told, sampler, secondLater } = sampling()
  sampler.note('wrong', 'a')
  t.same(told, [['wrong', 1, 1_000, 'a']])
  clock.time += 10
  sampler.note('wrong', 'b')
  clock.time += 10
  sampler.note('wrong', 'c')
  t.equal(told.length, 1)
  secondLater()
  t.same(told[1], ['wrong', 2, 1_010, 'c'], 'with the time of the first and the detail of the last')
  sampler.note('wrong', 'd')
  t.equal(told.length, 2, 'and that began another second')
  secondLater()
  t.same(told[2], ['wrong', 1, 2_020, 'd'])
  secondLater()
  sampler.note('wrong', 'e')
  t.equal(told.length, 4, 'after a second of peace it is told at once')
})

test('each kind is sampled by itself', async (t) => {
  const { told, sampler } = sampling()
  sampler.note('wrong', 'a')
  sampler.note('strange', 'b')
  t.equal(told.length, 2)
})

test('10,000 events in a second make two lines whose counts add up', async (t) => {
  const { told, sampler, secondLater } = sampling()
  for (let i = 0; i < 10_000; i++) sampler.note('wrong', 'a')
  secondLater()
  t.match(told, [
    ['wrong', 1],
    ['wrong', 9_999],
  ])
  secondLater()
  t.equal(told.length, 2, 'nothing is told when nothing was')
})

test('flush reports the remaining counts once', async (t) => {
  const { told, sampler, secondLater } = sampling()
  for (const kind of ['wrong', 'wrong', 'wrong', 'strange']) sampler.note(kind, 'a')
  sampler.flush()
  sampler.flush()
  secondLater()
  t.match(told, [
    ['wrong', 1],
    ['strange', 1],
    ['wrong', 2],
  ])
  t.equal(told.length, 3)
})
