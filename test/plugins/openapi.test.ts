import { test } from 'tap'
import { API, build } from '../helper.js'

test('/openapi.json describes every route of the API, and /docs shows it', async (t) => {
  const { app } = await build(t, API.environment)
  const document = (await app.inject('/openapi.json')).json()
  t.equal(document.openapi, '3.1.0')
  const described = Object.entries<object>(document.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  )
  t.same(described.toSorted(), [
    'GET /v1/numbers',
    'GET /v1/sessions',
    'GET /v1/sessions/{id}',
    'GET /v1/status',
    'PATCH /v1/sessions/{id}',
    'POST /v1/explain',
    'POST /v1/sessions',
    'POST /v1/sessions/{id}/close',
    'PUT /v1/numbers/{number}',
  ])
  t.same(document.security, [{ key: [] }])
  t.ok(document.paths['/v1/sessions'].post.responses['4XX'].content['application/problem+json'].schema)
  t.match(await app.inject('/docs'), { statusCode: 200, body: /Swagger UI/ })
  t.match(await app.inject('/docs/json'), { statusCode: 200 })
})
