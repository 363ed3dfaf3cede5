import { test } from 'tap'
import { withOptionalBodies } from '../../../src/api/optional-bodies.js'

const body = (type: unknown) => ({ required: true, content: { 'application/json': { schema: { type } } } })

test('a body that may be null may be left out, and no other', async (t) => {
  const document = {
    paths: {
      '/a': {
        post: { requestBody: body(['object', 'null']) },
        put: { requestBody: body('object') },
        patch: { requestBody: body(['object', 'array']) },
        get: {},
      },
    },
  }
  t.same(withOptionalBodies(document), {
    paths: {
      '/a': {
        post: { requestBody: { ...body('object'), required: false } },
        put: { requestBody: body('object') },
        patch: { requestBody: body(['object', 'array']) },
        get: {},
      },
    },
  })
  t.same(withOptionalBodies({}), {})
})
