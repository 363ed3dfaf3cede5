import { fastify, LogController } from 'fastify'
import { test } from 'tap'
import problems from '../../plugins/problems.js'
import { BODY_LIMIT } from '../../src/api/problem.js'
import { createLogger } from '../../src/logger.js'
import { UnreadableSessionError } from '../../src/masking/session-store.js'
import { StoreUnavailableError, type Unreadable } from '../../src/masking/storage.js'
import { captured, lines } from '../fixtures.js'

test('every error is answered as problem+json', async (t) => {
  const { stream, written } = captured()
  const app = fastify({
    loggerInstance: createLogger(stream),
    logController: new LogController({ disableRequestLogging: true }),
  })
  t.teardown(() => app.close())
  await app.register(problems)
  app.post('/', async ({ body = 'nothing' }) => ({ body }))
  app.get('/fails', async () => {
    throw new Error('about 918888800001')
  })
  const json = { 'content-type': 'application/json' }
  const post = async (payload: string, headers: Record<string, string> = json) =>
    (await app.inject({ method: 'POST', url: '/', payload, headers })).json()

  t.match(await post('{'), { status: 400, code: 'invalid_json' })
  t.match(await post(' '), { status: 400, code: 'invalid_json' })
  t.match(await post('{"__proto__":{}}'), { status: 400, code: 'invalid_json' })
  t.match(await post(''), { body: 'nothing' }, 'an empty body counts as none, whatever its type')
  const text = (bytes: number) => JSON.stringify('x'.repeat(bytes - 2))
  t.equal((await post(text(BODY_LIMIT))).body.length, BODY_LIMIT - 2)
  t.match(await post(text(BODY_LIMIT + 1)), { status: 413, code: 'body_too_large', detail: /16 KiB/ })
  const deep = '['.repeat(BODY_LIMIT)
  const wide = `[${'0,'.repeat(BODY_LIMIT / 2 - 2)}0]`
  t.match(await post(deep), {
    code: 'invalid_request',
    detail: /the body may not be nested deeper than 8 levels/,
  })
  t.match(await post(wide), { code: 'invalid_request', detail: /the body may not have more than 64 members/ })
  t.match(await post('x', { 'content-type': 'text/plain' }), { status: 415, code: 'unsupported_media_type' })
  t.equal(written(), '')

  const failed = await app.inject('/fails')
  t.equal(failed.headers['content-type'], 'application/problem+json; charset=utf-8')
  t.match(failed.json(), { status: 500, code: 'internal_error', type: 'urn:callmask:problem:internal_error' })
  t.match(lines(written()), [
    { msg: 'request failed', 'exception.type': 'Error', requestId: failed.json().request_id },
  ])
  t.notMatch(written() + failed.body, '918888800001')
})

test('a store that does not answer is a 503 that asks the client to retry after a second', async (t) => {
  const app = fastify()
  t.teardown(() => app.close())
  await app.register(problems)
  app.get('/', async () => {
    throw new StoreUnavailableError()
  })
  app.get<{ Params: { reason: Unreadable } }>('/unreadable/:reason', async ({ params }) => {
    throw new UnreadableSessionError(params.reason)
  })
  const reply = await app.inject('/')
  t.match(reply.headers, {
    'retry-after': '1',
    'content-type': 'application/problem+json; charset=utf-8',
  })
  t.match(reply.json(), { status: 503, code: 'store_unavailable' })
  const unreadable = async (reason: Unreadable) => (await app.inject(`/unreadable/${reason}`)).json()
  t.match(await unreadable('wrong-type'), { code: 'store_unavailable' })
  for (const reason of ['altered', 'unknown-key'] as const)
    t.match(await unreadable(reason), { code: 'internal_error' })
})
