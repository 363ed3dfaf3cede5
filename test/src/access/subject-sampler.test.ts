import { test } from 'tap'
import { createSubjectSampler, MAX_SAMPLED, OTHERS } from '../../../src/access/subject-sampler.js'

test('repeated events are reported once, and then as counts', async (t) => {
  const told: string[] = []
  const sampler = createSubjectSampler<'wrong' | 'limited'>((...facts) => told.push(facts.join(' ')))
  const since = () => told.splice(0)
  for (let i = 0; i < 1_000; i++) sampler.note('wrong', 'a')
  sampler.note('limited', 'a')
  t.same(since(), ['wrong a 1', 'limited a 1'])
  sampler.tick()
  t.same(since(), ['wrong a 999'])
  sampler.note('wrong', 'a')
  t.same(since(), [], 'not yet a second since')
  sampler.tick()
  t.same(since(), ['wrong a 1'])
  sampler.tick()
  sampler.note('wrong', 'a')
  t.same(since(), ['wrong a 1'], 'after a quiet second at once')
})

test('the number of lines per second is bounded', async (t) => {
  const told: string[] = []
  const sampler = createSubjectSampler<'wrong'>((...facts) => told.push(facts.join(' ')))
  for (let i = 0; i < 10 * MAX_SAMPLED; i++) sampler.note('wrong', `source-${i}`)
  t.equal(told.length, MAX_SAMPLED + 1)
  t.equal(told.at(-1), `wrong ${OTHERS} 1`)
  sampler.tick()
  t.equal(told.at(-1), `wrong ${OTHERS} ${9 * MAX_SAMPLED - 1}`)
  t.equal(told.length, MAX_SAMPLED + 2)
})
