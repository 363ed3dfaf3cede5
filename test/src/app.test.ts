import { test } from 'tap'
import { buildApp } from '../../src/app.js'
import { createLogger } from '../../src/logger.js'
import { SAMPLE_MS } from '../../src/sampler.js'
import { testClock } from '../clocks.js'
import {
  CUSTOMER_REACHES_FE,
  captured,
  FE_REACHES_CUSTOMER,
  lines,
  PAIR,
  REFUSAL,
  webhook,
} from '../fixtures.js'
import { build } from '../helper.js'

test('POST /answer connects the static pair in every spelling, and refuses everybody else', async (t) => {
  const { app } = await build(t)
  const spellings = (whole: string) => [
    whole,
    `+${whole}`,
    `00${whole}`,
    `0${whole.slice(2)}`,
    whole.slice(2),
    `+91 ${whole.slice(2, 7)} ${whole.slice(7)}`,
    ` ${whole}`,
    `tel:+91-${whole.slice(2, 7)}-${whole.slice(7)}`,
    `tel:${whole.slice(2)};phone-context=+91`,
  ]
  const strangers = [
    '',
    ' ',
    'anonymous',
    'Anonymous',
    'Restricted',
    'unavailable',
    '+266696687',
    '266696687',
    '918888800003',
    '+18888800001',
    '+1 888 880 0001',
    '18888800001',
    'sip:918888800001@example.com',
    '8800001',
    'tel:+918888800003',
    'tel:+918888800001;ext=1',
    '\0',
    '<Dial/>',
  ]

  for (const from of spellings(PAIR.FE)) {
    for (const to of spellings(PAIR.M1)) {
      const reply = await app.inject(webhook({ From: from, To: to }))
      t.equal(reply.statusCode, 200)
      t.equal(reply.headers['content-type'], 'application/xml; charset=utf-8')
      t.equal(reply.body, FE_REACHES_CUSTOMER, `${from} to ${to}`)
    }
  }
  for (const from of spellings(PAIR.CUSTOMER)) {
    for (const to of spellings(PAIR.M2)) {
      t.equal(
        (await app.inject(webhook({ From: from, To: to }))).body,
        CUSTOMER_REACHES_FE,
        `${from} to ${to}`,
      )
    }
  }
  for (const to of [PAIR.M1, PAIR.M2]) {
    for (const from of strangers) {
      t.match(
        await app.inject(webhook({ From: from, To: to })),
        { statusCode: 200, body: REFUSAL },
        `${from} to ${to}`,
      )
    }
    t.equal((await app.inject(webhook({ To: to }))).body, REFUSAL, 'no From')
  }
  const misdialled = [
    { From: PAIR.FE, To: PAIR.M2 },
    { From: PAIR.CUSTOMER, To: PAIR.M1 },
    { From: PAIR.M1, To: PAIR.M2 },
    { From: PAIR.FE, To: PAIR.CUSTOMER },
    { From: PAIR.FE, To: '919000000003' },
    { From: PAIR.FE, To: '+19000000001' },
    { From: PAIR.FE, To: 'nonsense' },
  ]
  for (const fields of misdialled) {
    t.match(
      await app.inject(webhook(fields)),
      { statusCode: 200, body: REFUSAL },
      `${fields.From} to ${fields.To}`,
    )
  }
})

test('the document has numbers as configured, without separators', async (t) => {
  const { app } = await build(t, { M2: '+91 90000 00002', CUSTOMER: '+91-88888-00002' })
  const reply = await app.inject(webhook({ From: PAIR.FE, To: '09000000001' }))
  t.match(reply.body, '<Dial callerId="+919000000002" timeout="30"><Number>+918888800002</Number>')
})

test('the probes answer, and are not logged', async (t) => {
  const { app, logged } = await build(t)
  t.match((await app.inject('/health')).json(), { status: 'ok', strategy: 'two-way-client-hosted' })
  t.equal((await app.inject('/health/ready')).statusCode, 200)
  app.drain.begin()
  t.equal((await app.inject('/health/ready')).statusCode, 503)
  t.equal(logged(), '')
})

test('LOG_LEVEL applies from the first line on', async (t) => {
  const { startLog, logged, app } = await build(t, { LOG_LEVEL: 'error' })
  await app.inject(webhook({ From: PAIR.FE, To: PAIR.M1 }))
  t.equal(startLog + logged(), '')
})

test('LOG_TIME=iso writes times as ISO 8601, from the first line on', async (t) => {
  const told = async (environment: Record<string, string>) => {
    const { app, startLog, logged } = await build(t, environment)
    await app.inject(webhook({ From: PAIR.FE, To: PAIR.M1 }))
    return lines(startLog + logged()).map(({ time }) => time)
  }
  const iso = await told({ LOG_TIME: 'iso' })
  t.ok(iso.length > 1)
  for (const time of iso) t.match(time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
  for (const time of await told({})) t.type(time, 'number')
})

test('a call is one line in the log', async (t) => {
  const { app, logged } = await build(t)
  const callUuid = '8b1f3c52-7a44-4a0f-9d5e-2f6a1c0e7b93'
  await app.inject(webhook({ CallUUID: callUuid, From: PAIR.FE, To: '09000000001' }))
  await app.inject(webhook({ CallUUID: callUuid, From: PAIR.FE, To: '09000000002' }))
  await app.inject(webhook({ From: '', To: PAIR.M2 }))
  await app.inject(webhook({ From: PAIR.FE, To: PAIR.CUSTOMER }))
  t.match(lines(logged()), [
    {
      level: 'info',
      outcome: 'connect',
      callUuid,
      maskingNumber: PAIR.M1,
      caller: '01',
      signed: false,
      ms: Number,
      msg: 'call',
    },
    { outcome: 'refuse', reason: 'unknown-caller', maskingNumber: PAIR.M2, caller: '01', callUuid },
    { outcome: 'refuse', reason: 'withheld-caller', maskingNumber: PAIR.M2, caller: undefined },
    { outcome: 'refuse', reason: 'not-a-masking-number', maskingNumber: undefined, caller: '01' },
  ])
})

test('no real number reaches the log, whatever is requested', async (t) => {
  const clock = testClock()
  const { app, logged } = await build(t, {}, clock)
  const numbers = [PAIR.FE, PAIR.CUSTOMER, '917777700003']
  for (const n of numbers) {
    for (const spelled of [n, `+${n}`, `0${n.slice(2)}`, `+91 ${n.slice(2, 7)} ${n.slice(7)}`, `tel:+${n}`]) {
      const encoded = encodeURIComponent(spelled)
      const form = webhook({
        From: spelled,
        To: PAIR.M1,
        CallUUID: spelled,
        CallerName: spelled,
        Event: 'StartApp',
      })
      await app.inject(form)
      await app.inject(webhook({ From: spelled, To: spelled }))
      await app.inject(webhook({ From: spelled, To: PAIR.M2, Event: spelled }))
      await app.inject({
        ...form,
        headers: { ...form.headers, 'x-number': n, 'x-request-id': spelled, 'user-agent': spelled },
      })
      await app.inject({ ...form, url: `/answer?From=${encoded}` })
      await app.inject({ ...form, url: `/answer/${encoded}` })
      await app.inject({ ...form, url: `/${encoded}` })
      await app.inject({ ...form, url: `/%zz${encoded}` })
      await app.inject({ ...form, payload: `From=${encoded}&From=${encoded}` })
      await app.inject({ ...form, payload: `${encoded}=${encoded}` })
      await app.inject({ ...form, payload: encoded.repeat(2000) })
      await app.inject({ ...form, headers: { 'content-type': `x/${n}` } })
      for (const method of ['GET', 'PUT', 'DELETE', 'PROPFIND'] as const) {
        await app.inject({ method: method as 'GET', url: `/answer?From=${encoded}&To=${encoded}` })
        await app.inject({ method: method as 'GET', url: `/health/${encoded}?From=${encoded}` })
      }
      clock.runOut(SAMPLE_MS)
    }
  }
  t.ok(lines(logged()).length > 100, 'many lines were logged')
  const digits = logged().replace(/[^\d\n]/g, '')
  for (const n of numbers) {
    t.notMatch(digits, n.slice(2), 'in any spelling')
    t.notMatch(logged(), Buffer.from(n).toString('base64'))
  }
})

test('an unknown path and a broken URL are answered without being quoted', async (t) => {
  const { app } = await build(t)
  t.match(await app.inject('/918888800001'), { statusCode: 404, body: '{"error":"not found"}' })
  t.match(await app.inject('/%zz918888800001'), { statusCode: 400, body: '{"error":"bad request"}' })
})

test('a wrong configuration keeps the app from becoming ready', async (t) => {
  const app = buildApp({ environment: {}, logger: createLogger(captured().stream) })
  await t.rejects(async () => await app.ready(), {
    name: 'ConfigError',
    problems: [{ variable: 'MASKING_NUMBERS', wrong: 'is missing, and so is the static pair' }],
  })
})
