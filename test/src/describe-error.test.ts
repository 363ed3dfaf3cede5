import { test } from 'tap'
import { describeError } from '../../src/describe-error.js'

test('describeError', async (t) => {
  t.test('keeps the type, the code and the places of the stack', async (t) => {
    const described = describeError(Object.assign(new RangeError('boom'), { code: 'ERR_OUT_OF_RANGE' }))
    t.match(described, { type: 'RangeError', code: 'ERR_OUT_OF_RANGE' })
    t.match(described.stack, /^ {4}at .*describe-error\.test/)
  })

  t.test('drops the message, wherever it appears', async (t) => {
    const secret = '918888800001'
    const errors = [
      new Error(secret),
      new Error(`two lines\n    at ${secret}`),
      new Error(`a place\n    at ${secret}:1:1`),
      Object.assign(new Error('x'), { code: secret }),
      Object.assign(new Error('x'), { stack: secret }),
      Object.assign(new Error('x'), { number: secret }),
      secret,
      { secret },
      null,
    ]
    for (const error of errors) t.notMatch(JSON.stringify(describeError(error)), secret)
  })

  t.test('describes a thrown value that is not an error by its type', async (t) => {
    t.same(describeError('text'), { type: 'string' })
    t.same(describeError(undefined), { type: 'undefined' })
    t.same(describeError(Object.assign(new Error('x'), { stack: undefined, code: 5 })), { type: 'Error' })
  })
})
