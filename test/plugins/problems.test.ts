import { fastify } from 'fastify'
import { test } from 'tap'
import problems from '../../plugins/problems.js'
import { createLogger } from '../../src/logger.js'
import { StoreUnavailableError } from '../../src/masking/session-store.js'
import { captured, lines } from '../fixtures.js'

test('whatever goes wrong is told as problem+json', async (t) => {
  const { stream, written } = captured()
  const app = fastify({ loggerInstance: createLogger(stream), bodyLimit: 100, disableRequestLogging: true })
  t.teardown(() => app.close())
  await app.register(problems)
  app.post('/', async () => 'ok')
  app.get('/fails', async () => {
    throw new Error('about 918888800001')
  })
  const json = { 'content-type': 'application/json' }
  const post = async (payload: string, headers: Record<string, string> = json) =>
    (await app.inject({ method: 'POST', url: '/', payload, headers })).json()

  t.match(await post('{'), { status: 400, code: 'invalid_json' })
  t.match(await post(''), { status: 400, code: 'invalid_json' })
  t.match(await post(`"${'x'.repeat(200)}"`), { status: 413, code: 'body_too_large' })
  t.match(await post('x', { 'content-type': 'text/plain' }), { status: 415, code: 'unsupported_media_type' })
  t.match((await app.inject('/nothing')).json(), { status: 404, code: 'not_found' })
  t.equal(written(), '')

  const failed = await app.inject('/fails')
  t.equal(failed.headers['content-type'], 'application/problem+json; charset=utf-8')
  t.match(failed.json(), { status: 500, code: 'internal_error', type: 'urn:callmask:problem:internal_error' })
  t.match(lines(written()), [{ msg: 'request failed', err: { type: 'Error' } }])
  t.notMatch(written() + failed.body, '918888800001')
})

test('a store that does not answer is worth another try in a second', async (t) => {
  const app = fastify()
  t.teardown(() => app.close())
  await app.register(problems)
  app.get('/', async () => {
    throw new StoreUnavailableError()
  })
  const reply = await app.inject('/')
  t.match(reply.headers, {
    'retry-after': '1',
    'content-type': 'application/problem+json; charset=utf-8',
  })
  t.match(reply.json(), { status: 503, code: 'store_unavailable' })
})
