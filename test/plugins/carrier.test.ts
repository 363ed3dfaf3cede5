import {
  type FastifyBaseLogger,
  type FastifyInstance,
  fastify,
  type InjectOptions,
  LogController,
} from 'fastify'
import { type Test, test } from 'tap'
import carrier, { BODY_LIMIT } from '../../plugins/carrier.js'
import clock from '../../plugins/clock.js'
import xmlReply from '../../plugins/xml-reply.js'
import { createLogger } from '../../src/logger.js'
import { WebhookSchema } from '../../src/vobiz/webhook.js'
import { testClock } from '../clocks.js'
import { APOLOGY, captured, DECLARATION, lines, webhook } from '../fixtures.js'
import { meterPlugin } from '../meters.js'

/** A bare app with one route in the carrier's scope, which throws what it is told to. */
async function build(t: Test, thrown?: unknown): Promise<{ app: FastifyInstance; logged: () => string }> {
  const { stream, written } = captured()
  const logger: FastifyBaseLogger = createLogger(stream)
  const app = fastify({
    loggerInstance: logger,
    logController: new LogController({ disableRequestLogging: true }),
  })
  t.teardown(() => app.close())
  await app.register(clock, { clock: testClock() })
  await app.register(meterPlugin())
  await app.register(xmlReply)
  app.register(
    async (scope) => {
      await scope.register(carrier)
      scope.post('/', { schema: { body: WebhookSchema } }, async () => {
        if (thrown) throw thrown
        return 'answered'
      })
    },
    { prefix: '/answer' },
  )
  await app.ready()
  return { app, logged: written }
}

const spoken = (words: string) => `${DECLARATION}<Response><Speak>${words}</Speak><Hangup/></Response>`

test('a request that is not a call gets 4xx and a document that says why', async (t) => {
  const { app } = await build(t)
  const form = { 'content-type': 'application/x-www-form-urlencoded' }
  const cases: { name: string; request: InjectOptions; status: number; words: string }[] = [
    {
      name: 'another method',
      request: { method: 'GET' },
      status: 405,
      words: 'This address accepts only POST. Check the method of the Answer URL.',
    },
    {
      name: 'a rare method',
      request: { method: 'PROPFIND' },
      status: 405,
      words: 'This address accepts only POST. Check the method of the Answer URL.',
    },
    {
      name: 'another path',
      request: { url: '/answer/other' },
      status: 404,
      words: 'There is nothing at this address. Check the Answer URL.',
    },
    {
      name: 'no content type',
      request: { headers: {} },
      status: 415,
      words: 'This request is not a form. Send it as application/x-www-form-urlencoded.',
    },
    {
      name: 'JSON',
      request: { headers: { 'content-type': 'application/json' } },
      status: 415,
      words: 'This request is not a form. Send it as application/x-www-form-urlencoded.',
    },
    {
      name: 'no body',
      request: { headers: {}, payload: '' },
      status: 400,
      words: 'This request has no form fields, so it is not a call.',
    },
    {
      name: 'a repeated From',
      request: { payload: 'From=1&From=2&To=3' },
      status: 400,
      words: 'This request has a parameter more than once. Each may appear only once.',
    },
    {
      name: 'a repeated To',
      request: { payload: 'From=1&To=2&To=3' },
      status: 400,
      words: 'This request has a parameter more than once. Each may appear only once.',
    },
    {
      name: 'a body over the limit',
      request: { payload: 'a'.repeat(BODY_LIMIT + 1) },
      status: 413,
      words: 'The body of this request is too large.',
    },
    {
      name: 'a body that is shorter than announced',
      request: { headers: { ...form, 'content-length': '9' } },
      status: 400,
      words: 'The body of this request did not arrive as announced.',
    },
  ]
  for (const { name, request, status, words } of cases) {
    const reply = await app.inject({
      method: 'POST',
      url: '/answer',
      headers: form,
      payload: 'To=1',
      ...request,
    })
    t.equal(reply.statusCode, status, name)
    t.equal(reply.headers['content-type'], 'application/xml; charset=utf-8', name)
    t.equal(reply.body, spoken(words), name)
    t.equal(reply.headers.allow, status === 405 ? 'POST' : undefined, name)
  }
})

test('a body of exactly the maximum size is read', async (t) => {
  const { app } = await build(t)
  t.equal((await app.inject({ ...webhook({}), payload: 'a'.repeat(BODY_LIMIT) })).statusCode, 200)
})

test('whatever is thrown, the caller hears an apology and no number is logged', async (t) => {
  const errors = [
    new Error('918888800001'),
    Object.assign(new Error('918888800001'), { statusCode: 400 }),
    Object.assign(new Error('918888800001'), { code: 'ECONNREFUSED', number: '918888800001' }),
  ]
  for (const error of errors) {
    const { app, logged } = await build(t, error)
    const reply = await app.inject(webhook({ To: '1' }))
    t.match(reply, {
      statusCode: 200,
      body: APOLOGY,
      headers: { 'content-type': 'application/xml; charset=utf-8' },
    })
    t.match(lines(logged()), [
      {
        level: 'error',
        'exception.type': 'Error',
        requestId: 'req-1',
        msg: 'failed, the caller hears an apology',
      },
    ])
    t.notMatch(logged(), '918888800001')
  }
})

test('a request that is not a call is logged by the name of the mistake', async (t) => {
  const { app, logged } = await build(t)
  await app.inject({ method: 'GET', url: '/answer?From=918888800001' })
  t.match(lines(logged()), [
    {
      'http.response.status_code': 405,
      mistake: 'wrong-method',
      count: 1,
      requestId: String,
      msg: 'not a call',
    },
  ])
})

test('mistakes without end are a line a second and kind, and none is lost', async (t) => {
  const { app, logged } = await build(t)
  for (let i = 0; i < 50; i++) {
    await app.inject({ method: 'GET', url: '/answer' })
    await app.inject({ method: 'POST', url: '/answer/other' })
  }
  await app.close()
  t.match(
    lines(logged()).map(({ mistake, count }) => [mistake, count]),
    [
      ['wrong-method', 1],
      ['not-found', 1],
      ['wrong-method', 49],
      ['not-found', 49],
    ],
  )
})
