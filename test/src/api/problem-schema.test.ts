import { test } from 'tap'
import { PROBLEM_STATUS, type ProblemCode, problemBody } from '../../../src/api/problem.js'
import { PROBLEM_EXAMPLES, REQUEST_ID_EXAMPLE } from '../../../src/api/problem-examples.js'
import { problemReplies } from '../../../src/api/problem-schema.js'

interface Reply {
  readonly content: Readonly<
    Record<string, { readonly schema: { readonly title: string; readonly allOf: { properties: object }[] } }>
  >
}

test('the schema of each problem describes all its members', async (t) => {
  for (const code of Object.keys(PROBLEM_STATUS) as ProblemCode[]) {
    const body = problemBody(PROBLEM_EXAMPLES[code], REQUEST_ID_EXAMPLE)
    t.equal(body.code, code)
    const reply = problemReplies([code])[PROBLEM_STATUS[code]] as Reply
    const schema = reply.content['application/problem+json']?.schema
    t.match(schema?.title, /^[A-Z][A-Za-z]+Problem$/)
    const described = new Set(schema?.allOf.flatMap(({ properties }) => Object.keys(properties)))
    t.same([...described].sort(), Object.keys(body).sort(), code)
  }
})

test('problems with the same status are described as one reply', async (t) => {
  const replies = problemReplies(['pool_exhausted', 'unauthorized', 'number_taken', 'store_unavailable'])
  t.same(Object.keys(replies), ['401', '409', '503'])
  t.match(replies, {
    401: { headers: { 'WWW-Authenticate': { type: 'string' } } },
    409: { description: /`pool_exhausted`: .*\n\n`number_taken`: / },
    503: { headers: { 'Retry-After': { type: 'integer' } } },
  })
})
