import { test } from 'tap'
import { createSurvey } from '../../../src/masking/usage.js'

test('a survey counts only numbers of the pool, whatever else people hold', async (t) => {
  const survey = createSurvey({ pool: ['1', '2', '3'], draining: new Set(['3']), now: 100, restMs: 10 })
  const leg = (number: string, endsAt: number) => ({ number, counterpart: '', endsAt })
  survey.add([leg('1', 101), leg('9', 101), leg('3', 101)])
  t.same(survey.result(), {
    numbers: [
      { number: '1', state: 'active', openLegs: 1 },
      { number: '2', state: 'active', openLegs: 0 },
      { number: '3', state: 'draining', openLegs: 1 },
    ],
    headRoom: 1,
  })
  survey.add([leg('1', 95), leg('2', 99)])
  t.equal(survey.result().headRoom, 1, 'a person without an open session does not count')
  survey.add([leg('1', 101), leg('2', 91)])
  t.equal(survey.result().headRoom, 0, 'a resting number is not free')
})
