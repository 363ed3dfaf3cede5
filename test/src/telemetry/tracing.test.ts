import { SpanKind, SpanStatusCode } from '@opentelemetry/api'
import { type Test, test } from 'tap'
import type { Posted } from '../../../src/events/post.js'
import { StoreUnavailableError } from '../../../src/masking/storage.js'
import { createMemoryTexts } from '../../../src/stores/memory-texts.js'
import { createStorage, plainScript } from '../../../src/stores/storage.js'
import { createTracing } from '../../../src/telemetry/tracing.js'
import { tracingStandIn } from '../../tracing-stand-in.js'

const key = { kind: 'session', id: 's_1' }
const list = { kind: 'list', id: 'all' }

function world(t: Test) {
  const ended = tracingStandIn(t)
  const { begin, traced } = createTracing()
  const inner = createStorage(
    createMemoryTexts(() => 0),
    plainScript,
  )
  const request = begin({ method: 'GET', route: '/v1/x/:id', operation: 'getX', at: 1_000 })
  return { ended, begin, traced, inner, request }
}

test('a request is a span with what is known of it', async (t) => {
  const { ended, begin, request } = world(t)
  request.step('let in')
  request.set('callmask.outcome', 'connect')
  request.set('callmask.reason', undefined)
  request.end(200)
  begin({ method: 'POST', route: '', operation: undefined, at: 0 }).end(503)
  t.match(ended(), [
    {
      name: 'GET /v1/x/:id',
      kind: SpanKind.SERVER,
      startTime: 1_000,
      attributes: {
        'http.request.method': 'GET',
        'http.route': '/v1/x/:id',
        'callmask.operation': 'getX',
        'callmask.outcome': 'connect',
        'http.response.status_code': 200,
      },
      events: ['let in'],
      status: undefined,
      traceId: request.ids.trace_id,
      id: request.ids.span_id,
      parentId: undefined,
    },
    { name: 'POST', status: { code: SpanStatusCode.ERROR } },
  ])
  t.notOk('callmask.reason' in (ended()[0]?.attributes ?? {}))
})

test('the trace of a trusted asker goes on', async (t) => {
  const { ended, begin } = world(t)
  const [traceId, parentId] = ['0af7651916cd43dd8448eb211c80319c', 'b7ad6b7169203331']
  const headers = { traceparent: `00-${traceId}-${parentId}-01` }
  begin({ method: 'GET', route: '/', operation: undefined, at: 0, headers }).end(200)
  t.match(ended(), [{ traceId, parentId }])
})

test('what a request asks of the store is part of it, whenever it does', async (t) => {
  const { ended, traced, inner, request } = world(t)
  const storage = traced(inner, 'redis')
  await new Promise<void>((resolve) =>
    request.run(async () => {
      t.same(storage.read([key]), [undefined])
      await storage.swap({ key, was: undefined, value: 1, until: 10 })
      await storage.enlist(list, { id: 'a', at: 1 }, 10)
      await storage.entries(list, { order: 'oldest first', limit: 1 })
      await storage.delist(list, [{ id: 'a', at: 1 }])
      await storage.confirm([key])
      resolve()
    }),
  )
  request.end(200)
  const [root] = ended().slice(-1)
  const asked = ended().slice(0, -1)
  t.same(
    asked.map(({ name }) => name),
    ['read', 'swap', 'enlist', 'entries', 'delist', 'confirm'].map((operation) => `store ${operation}`),
  )
  for (const { parentId, kind, attributes } of asked) {
    t.equal(parentId, root?.id)
    t.equal(kind, SpanKind.CLIENT)
    t.same(Object.keys(attributes), ['db.system.name', 'db.operation.name'], 'and no key is told')
  }
})

test('what fails is told as failed, without its error', async (t) => {
  const { ended, traced, inner, request } = world(t)
  const fail = () => {
    throw new StoreUnavailableError()
  }
  const storage = traced({ ...inner, read: fail, swap: async () => fail() }, 'lmdb')
  await new Promise<void>((resolve) =>
    request.run(async () => {
      t.throws(() => storage.read([key]), StoreUnavailableError)
      await t.rejects(storage.swap({ key, was: undefined, value: 1, until: 10 }), StoreUnavailableError)
      resolve()
    }),
  )
  t.match(ended(), [
    { name: 'store read', status: { code: SpanStatusCode.ERROR } },
    { name: 'store swap', status: { code: SpanStatusCode.ERROR } },
  ])
  t.same(Object.keys(ended()[0]?.status ?? {}), ['code'])
})

test('work in the background makes no spans', async (t) => {
  const { ended, traced, inner } = world(t)
  t.same(traced(inner, 'redis').read([key]), [undefined])
  t.same(ended(), [])
})

test('each attempt to send something is a trace of its own, which the receiver is told', async (t) => {
  const ended = tracingStandIn(t)
  const answers: Posted[] = [{ status: 204 }, { status: 500 }, { why: 'timeout' }]
  const sent: Readonly<Record<string, string>>[] = []
  const post = createTracing().tracedPost(async (_url, headers) => {
    sent.push(headers)
    return answers[sent.length - 1] as Posted
  })
  const url = 'https://shop.example.com/hooks/secret'
  for (const answer of answers) t.same(await post(url, { 'webhook-id': 'evt_1' }, '{}'), answer)
  t.match(ended(), [
    { name: 'deliver event', kind: SpanKind.CLIENT, attributes: { 'http.response.status_code': 204 } },
    { attributes: { 'http.response.status_code': 500 }, status: { code: SpanStatusCode.ERROR } },
    { attributes: { 'error.type': 'timeout' }, status: { code: SpanStatusCode.ERROR } },
  ])
  for (const [i, { traceId, id, parentId }] of ended().entries()) {
    t.equal(parentId, undefined)
    t.same(sent[i], { 'webhook-id': 'evt_1', traceparent: `00-${traceId}-${id}-01` })
  }
  t.equal(new Set(ended().map(({ traceId }) => traceId)).size, 3)
  t.notMatch(JSON.stringify(ended()), 'secret')
})
