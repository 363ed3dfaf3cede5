import { test } from 'tap'
import { gathered } from '../../../../src/stores/redis/gathering.js'

test('what is asked in one turn is asked together, and each gets its own answer', async (t) => {
  const asked: (readonly number[])[] = []
  const double = gathered(async (questions: readonly number[]) => {
    asked.push(questions)
    return questions.map((question) => question * 2)
  })
  t.same(await Promise.all([double(1), double(2), Promise.resolve().then(() => double(3))]), [2, 4, 6])
  t.same(await double(4), 8)
  t.same(asked, [[1, 2, 3], [4]])
})

test('where all of it fails, each has failed, and what comes later is asked anew', async (t) => {
  let isUp = false
  const ask = gathered(async (questions: readonly number[]) => {
    if (!isUp) throw new Error('no answer')
    return questions
  })
  const [one, two] = await Promise.allSettled([ask(1), ask(2)])
  t.match([one, two], [{ reason: { message: 'no answer' } }, { reason: { message: 'no answer' } }])
  isUp = true
  t.equal(await ask(3), 3)
})
