import { type FastifyInstance, fastify } from 'fastify'
import { type Test, test } from 'tap'
import carrier from '../../plugins/carrier.js'
import clockPlugin from '../../plugins/clock.js'
import xmlReply from '../../plugins/xml-reply.js'
import answer from '../../routes/answer.js'
import { createCallLimits } from '../../src/access/call-limits.js'
import { noCallCounts } from '../../src/calls/call-counts.js'
import { noRecorder } from '../../src/calls/recorder.js'
import type { Config } from '../../src/config/schema.js'
import type { LegLookup } from '../../src/masking/leg-lookup.js'
import { callReplies } from '../../src/vobiz/call-replies.js'
import { testClock } from '../clocks.js'
import { APOLOGY, DECLARATION, FE_REACHES_CUSTOMER, PAIR, REFUSAL, webhook } from '../fixtures.js'
import { fixedLegs } from '../helper.js'
import { meterPlugin } from '../meters.js'

const pair = fixedLegs(PAIR)
const settings = {
  RING_TIMEOUT: 30,
  REJECTION_MESSAGE: 'Sorry, this number is not authorised for your account.',
}

/** The route alone, with stand-ins for what it relies on. */
async function build(
  t: Test,
  config: Partial<Config> = {},
  legs: LegLookup = pair,
): Promise<FastifyInstance> {
  const app = fastify()
  t.teardown(() => app.close())
  app.decorate('config', { ...settings, ...config } as Config)
  app.decorate('legs', legs)
  app.decorate('callLimits', createCallLimits({ now: () => 0, maxCalls: undefined }))
  app.decorate('noteLimited', () => undefined)
  app.decorateRequest('signed', false)
  app.decorateRequest('replay', () => undefined)
  app.decorateRequest('settle', (outcome) => outcome)
  app.decorateRequest('isReplay', () => false)
  app.decorate('callRecorder', noRecorder)
  app.decorate('mayRecordRefusal', () => true)
  app.decorate('callCounts', noCallCounts)
  const nothing = {
    refusalOf: () => undefined,
    refusalOfNext: () => undefined,
    forget: async () => undefined,
  }
  app.decorate('admission', nothing)
  const defaults = { ringTimeout: config.RING_TIMEOUT ?? 30, timeLimit: config.CALL_TIME_LIMIT }
  app.decorate('callReplies', callReplies({ defaults, answerFirst: 'off', urlsOf: undefined }))
  await app.register(clockPlugin, { clock: testClock() })
  await app.register(meterPlugin())
  await app.register(xmlReply)
  await app.register(carrier)
  await app.register(answer)
  return app
}

const call = { ...webhook({ From: PAIR.FE, To: '09000000001' }), url: '/' }

test('settings', async (t) => {
  t.test('RING_TIMEOUT is how long the phone rings', async (t) => {
    const app = await build(t, { RING_TIMEOUT: 45 })
    t.equal((await app.inject(call)).body, FE_REACHES_CUSTOMER.replace('"30"', '"45"'))
  })

  t.test(
    'CALL_TIME_LIMIT ends calls of sessions by default, and of the static pair where it is set',
    async (t) => {
      const leg = { destination: PAIR.CUSTOMER, callerIdShown: PAIR.M2, sessionId: 's_1' }
      const session: LegLookup = { ...pair, findLeg: async () => ({ kind: 'open', leg }) }
      const limited = (seconds: number) =>
        FE_REACHES_CUSTOMER.replace('timeout="30"', `timeout="30" timeLimit="${seconds}"`)
      const answers = async (config: Partial<Config>, legs: LegLookup) =>
        (await (await build(t, config, legs)).inject(call)).body
      t.equal(await answers({}, session), limited(3_600))
      t.equal(await answers({ CALL_TIME_LIMIT: 60 }, session), limited(60))
      t.equal(await answers({}, pair), FE_REACHES_CUSTOMER, 'the document of the static pair stays as it was')
      t.equal(await answers({ CALL_TIME_LIMIT: 60 }, pair), limited(60))
    },
  )

  t.test('REJECTION_MESSAGE is what a stranger hears', async (t) => {
    const app = await build(t, { REJECTION_MESSAGE: 'No <b>.' })
    const reply = await app.inject({ ...webhook({ To: PAIR.M1 }), url: '/' })
    t.equal(reply.body, REFUSAL.replace(/<Speak>.*<\/Speak>/, '<Speak>No &lt;b&gt;.</Speak>'))
  })

  t.test('an empty REJECTION_MESSAGE refuses the call without answering it', async (t) => {
    const app = await build(t, { REJECTION_MESSAGE: '' })
    const reply = await app.inject({ ...webhook({ To: PAIR.M1 }), url: '/' })
    t.equal(reply.body, `${DECLARATION}<Response><Hangup reason="rejected"/></Response>`)
  })
})

test('a caller whose session has ended hears what a stranger hears, or CLOSED_MESSAGE', async (t) => {
  const leg = { destination: PAIR.CUSTOMER, callerIdShown: PAIR.M2, sessionId: 's_1' }
  const ended: LegLookup = { ...pair, findLeg: async () => ({ kind: 'ended', leg }) }
  const hears = async (config: Partial<Config>) => (await (await build(t, config, ended)).inject(call)).body
  const saying = (words: string) => REFUSAL.replace(/<Speak>.*<\/Speak>/, words)
  t.equal(await hears({}), REFUSAL)
  t.equal(await hears({ REJECTION_MESSAGE: 'No.' }), saying('<Speak>No.</Speak>'))
  t.equal(await hears({ CLOSED_MESSAGE: 'It is over.' }), saying('<Speak>It is over.</Speak>'))
  t.equal(await hears({ CLOSED_MESSAGE: '' }), saying(''), 'or nothing')
})

test('a caller hears an apology when the store fails', async (t) => {
  const failing: LegLookup = { ...pair, findLeg: () => Promise.reject(new Error('gone')) }
  const reply = await (await build(t, {}, failing)).inject(call)
  t.match(reply, { statusCode: 200, body: APOLOGY })
})

test('an event is acknowledged without asking the store', async (t) => {
  const silent: LegLookup = {
    findMaskingNumber: () => t.fail('asked') as never,
    findLeg: () => t.fail('asked') as never,
  }
  const app = await build(t, {}, silent)
  for (const Event of ['Hangup', 'CallInitiated', 'DialHangup', 'RecordStop']) {
    for (const fields of [{ Event, From: PAIR.FE, To: '09000000001' }, { Event }]) {
      const reply = await app.inject({ ...webhook(fields as Record<string, string>), url: '/' })
      t.match(reply, { statusCode: 200, body: `${DECLARATION}<Response/>` }, Event)
    }
  }
})

test('a request without To is not a call', async (t) => {
  const app = await build(t)
  for (const fields of [{ From: PAIR.FE }, { From: PAIR.FE, To: '' }, { From: PAIR.FE, To: ' ' }]) {
    const reply = await app.inject({ ...webhook(fields as Record<string, string>), url: '/' })
    t.equal(reply.statusCode, 400)
    t.match(reply.body, '<Speak>This request has no To parameter, so it is not a call.</Speak>')
  }
})
