import { fastify, LogController } from 'fastify'
import { test } from 'tap'
import plainErrors from '../../plugins/plain-errors.js'
import { createLogger } from '../../src/logger.js'
import { captured, lines } from '../fixtures.js'
import { API, build } from '../helper.js'

test('plain-errors answers without quoting the request or the error', async (t) => {
  const { stream, written } = captured()
  const app = fastify({
    loggerInstance: createLogger(stream),
    logController: new LogController({ disableRequestLogging: true }),
  })
  t.teardown(() => app.close())
  await app.register(plainErrors)
  app.get('/broken', async () => {
    throw new Error('918888800001')
  })
  const querystring = { type: 'object', properties: { number: { type: 'boolean' } } }
  app.get('/picky', { schema: { querystring } }, async () => 'taken')

  const missing = await app.inject('/none?From=918888800001')
  t.match(missing, { statusCode: 404, body: '{"error":"not found"}' })

  const broken = await app.inject('/broken')
  t.match(broken, { statusCode: 500, body: '{"error":"internal error"}' })

  const wrong = await app.inject('/picky?number=918888800001')
  t.match(wrong, { statusCode: 400, body: '{"error":"bad request"}' })

  t.notMatch(written(), '918888800001')
  t.match(lines(written()), [
    { level: 'error', 'exception.type': 'Error', requestId: 'req-2', msg: 'request failed' },
  ])
})

test('a body at an address where there is nothing is not read', async (t) => {
  const { app } = await build(t, API.environment)
  const ask = (payload: string, type: string) =>
    app.inject({ method: 'POST', url: '/nothing', payload, headers: { 'content-type': type } })
  for (const type of ['application/json', 'text/plain', 'application/x-www-form-urlencoded', 'x/y'])
    t.match(await ask('{'.repeat(2_000_000), type), { statusCode: 404, body: '{"error":"not found"}' }, type)
})
