import { test } from 'tap'
import { requestProblem } from '../../../src/api/request-problem.js'

test('a schema failure is explained in one sentence, in words of the schema alone', async (t) => {
  const detailOf = (failure: object, validationContext?: string) =>
    requestProblem({
      code: 'FST_ERR_VALIDATION',
      ...(validationContext && { validationContext }),
      validation: [{ keyword: 'x', instancePath: '', params: {}, ...failure }],
    })?.detail
  const cases: [failure: object, place: string | undefined, detail: string][] = [
    [
      { keyword: 'type', instancePath: '/a/0/b', params: { type: 'string' } },
      'body',
      'a.0.b must be a string, in quotes',
    ],
    [{ keyword: 'type', params: { type: 'object' } }, undefined, 'the body must be a JSON object'],
    [
      { keyword: 'type', params: { type: 'null' }, message: 'must be null' },
      'headers',
      'the header must be null',
    ],
    [{ keyword: 'required', params: { missingProperty: 'a' } }, 'querystring', 'a is missing'],
    [
      { keyword: 'enum', instancePath: '/a', params: { allowedValues: ['b', 'c'] } },
      'params',
      'a must be one of b, c',
    ],
    [
      { keyword: 'additionalProperties', params: { additionalProperty: '9800000001' } },
      'body',
      'the body has a field that is not known here',
    ],
    [
      { instancePath: '/metadata/9800000001', message: 'is too long' },
      'body',
      'metadata has a value that is too long',
    ],
    [{}, 'elsewhere', 'the body is wrong'],
  ]
  for (const [failure, place, detail] of cases)
    t.equal(detailOf(failure, place), `Correct this: ${detail}. /openapi.json has the schema.`)
})

test('other errors in reading a request are problems, all else is not', async (t) => {
  t.match(requestProblem({ code: 'FST_ERR_CTP_BODY_TOO_LARGE', statusCode: 413 }), { code: 'body_too_large' })
  t.match(requestProblem({ code: 'FST_ERR_CTP_INVALID_MEDIA_TYPE', statusCode: 415 }), {
    code: 'unsupported_media_type',
  })
  t.match(requestProblem({ code: 'FST_ERR_CTP_INVALID_JSON_BODY', statusCode: 400 }), {
    code: 'invalid_json',
  })
  t.equal(requestProblem({ code: 'EPIPE' }), undefined)
  t.equal(requestProblem({ code: 'X', statusCode: 503 }), undefined)
})
