import { createConfig, lintFromString } from '@redocly/openapi-core'
import { test } from 'tap'
import { PROBLEM_STATUS } from '../../src/api/problem.js'
import { API, build } from '../helper.js'

interface OperationObject {
  readonly operationId: string
  readonly tags: string[]
  readonly summary: string
  readonly responses: Record<string, { content: Record<string, { schema: Schema; examples?: object }> }>
  readonly requestBody?: { content: Record<string, { schema: Schema }> }
}
interface Schema {
  readonly $ref?: string
  readonly oneOf?: Schema[]
}

async function described(t: Parameters<typeof build>[0]) {
  const { app } = await build(t, API.environment)
  const document = (await app.inject({ url: '/openapi.json', headers: API.headers })).json()
  const operations = Object.entries<Record<string, OperationObject>>(document.paths).flatMap(
    ([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({
        name: `${method.toUpperCase()} ${path}`,
        operation,
      })),
  )
  return { app, document, operations }
}

test('/openapi.json describes every route of the API', async (t) => {
  const { document, operations } = await described(t)
  t.equal(document.openapi, '3.1.0')
  t.same(Object.fromEntries(operations.map(({ name, operation }) => [name, operation.operationId])), {
    'POST /v1/sessions': 'createSession',
    'GET /v1/sessions': 'listSessions',
    'POST /v1/sessions/search': 'searchSessions',
    'POST /v1/people/erase': 'erasePerson',
    'GET /v1/sessions/{id}': 'getSession',
    'PATCH /v1/sessions/{id}': 'changeSession',
    'POST /v1/sessions/{id}/close': 'closeSession',
    'GET /v1/calls': 'listCalls',
    'GET /v1/calls/summary': 'summarizeCalls',
    'GET /v1/calls/{id}': 'getCall',
    'GET /v1/sessions/{id}/calls': 'listCallsOfSession',
    'GET /v1/calls/{id}/recording': 'getRecording',
    'DELETE /v1/calls/{id}/recording': 'deleteRecording',
    'GET /v1/events': 'listEvents',
    'POST /v1/webhooks': 'createWebhook',
    'GET /v1/webhooks': 'listWebhooks',
    'GET /v1/webhooks/{id}': 'getWebhook',
    'PATCH /v1/webhooks/{id}': 'changeWebhook',
    'DELETE /v1/webhooks/{id}': 'removeWebhook',
    'POST /v1/webhooks/{id}/rotate-secret': 'rotateWebhookSecret',
    'POST /v1/webhooks/{id}/test': 'testWebhook',
    'POST /v1/webhooks/{id}/redeliver': 'redeliverSince',
    'GET /v1/deliveries': 'listDeliveries',
    'POST /v1/deliveries/{id}/redeliver': 'redeliver',
    'GET /v1/numbers': 'listNumbers',
    'GET /v1/capacity': 'showCapacity',
    'POST /v1/numbers': 'addNumbers',
    'PUT /v1/numbers/{number}': 'changeNumber',
    'DELETE /v1/numbers/{number}': 'removeNumber',
    'POST /v1/explain': 'explainCall',
    'POST /v1/simulations': 'simulateCall',
    'POST /v1/keys': 'createKey',
    'GET /v1/keys': 'listKeys',
    'DELETE /v1/keys/{name}': 'revokeKey',
    'GET /v1/numbers/account': 'compareNumbers',
    'GET /v1/me': 'showKey',
    'GET /v1/audit': 'listAudit',
    'POST /v1/checkup': 'runCheckup',
    'GET /v1/status': 'getStatus',
  })
  const tags = document.tags.map(({ name }: { name: string }) => name)
  for (const { name, operation } of operations) {
    t.ok(operation.tags.length === 1 && tags.includes(operation.tags[0]), `the tag of ${name} is described`)
  }
  t.same(document.security, [{ key: [] }])
})

test('a strict linter finds no fault in the description', async (t) => {
  const { app, document } = await described(t)
  const config = await createConfig({ extends: ['recommended-strict'] })
  const lint = async (text: string) => {
    const found = await lintFromString({ source: text, absoluteRef: 'openapi.json', config })
    return found.map(({ ruleId, message, location }) => `${ruleId}: ${message} ${location[0]?.pointer}`)
  }
  t.same(await lint((await app.inject({ url: '/openapi.json', headers: API.headers })).body), [])
  document.paths['/v1/status'].get.operationId = 'getSession'
  t.match(
    await lint(JSON.stringify(document)),
    [/operation-operationId-unique/],
    'the linter does find faults',
  )
})

test('every body is described by a component, or a choice of components', async (t) => {
  const { document, operations } = await described(t)
  const isNamed = ({ $ref, oneOf }: Schema) => $ref !== undefined || oneOf?.every(({ $ref }) => $ref) === true
  for (const { name, operation } of operations) {
    const replies = Object.values(operation.responses).flatMap(({ content }) => Object.values(content))
    const bodies = Object.values(operation.requestBody?.content ?? {})
    t.ok(replies.length >= 4)
    for (const { schema } of [...replies, ...bodies])
      t.ok(isNamed(schema), `${name} ${JSON.stringify(schema)}`)
  }
  const names = Object.keys(document.components.schemas)
  for (const name of [
    'Session',
    'NewSession',
    'Problem',
    'PoolExhaustedProblem',
    'SessionStatus',
    'Metadata',
  ])
    t.ok(names.includes(name), name)
})

test('each operation lists all problems that it can answer with', async (t) => {
  const { document, operations } = await described(t)
  t.same(document.components.schemas.ProblemCode.enum, Object.keys(PROBLEM_STATUS))
  const codes = Object.fromEntries(
    operations.map(({ name, operation }) => {
      const problems = Object.entries(operation.responses).flatMap(([status, { content }]) =>
        Object.keys(content['application/problem+json']?.examples ?? {}).map((code) => `${status} ${code}`),
      )
      return [name, problems]
    }),
  )
  t.same(codes['GET /v1/status'], [
    '401 unauthorized',
    '406 not_acceptable',
    '429 rate_limited',
    '500 internal_error',
  ])
  t.same(codes['PUT /v1/numbers/{number}'], [
    '400 invalid_url',
    '400 invalid_json',
    '400 invalid_request',
    '401 unauthorized',
    '403 missing_scope',
    '404 number_not_in_pool',
    '406 not_acceptable',
    '413 body_too_large',
    '415 unsupported_media_type',
    '429 rate_limited',
    '500 internal_error',
    '503 store_unavailable',
  ])
  const elsewhere = ['404 not_found', '405 method_not_allowed']
  const all = Object.entries(PROBLEM_STATUS).map(([code, status]) => `${status} ${code}`)
  t.same([...new Set([...Object.values(codes).flat(), ...elsewhere])].sort(), all.sort(), 'none is forgotten')
  for (const problem of elsewhere) t.match(document.info.description, problem.slice(4))
})
