import { fastify, LogController } from 'fastify'
import { test } from 'tap'
import plainErrors from '../../plugins/plain-errors.js'
import { createLogger } from '../../src/logger.js'
import { captured, lines } from '../fixtures.js'

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
  app.post('/json', async () => 'read')

  const missing = await app.inject('/none?From=918888800001')
  t.match(missing, { statusCode: 404, body: '{"error":"not found"}' })

  const broken = await app.inject('/broken')
  t.match(broken, { statusCode: 500, body: '{"error":"internal error"}' })

  const unread = await app.inject({
    method: 'POST',
    url: '/json',
    headers: { 'content-type': 'text/none' },
    payload: '9',
  })
  t.match(unread, { statusCode: 415, body: '{"error":"bad request"}' })

  t.notMatch(written(), '918888800001')
  t.match(lines(written()), [
    { level: 'error', err: { type: 'Error' }, requestId: 'req-2', msg: 'request failed' },
  ])
})
