import { type Test, test } from 'tap'
import { buildApp } from '../../../src/app.js'
import { STORIES } from '../../../src/cli/stories.js'
import { createLogger } from '../../../src/logger.js'
import { cli, fetchWith, PUBLIC } from '../../cli-helper.js'
import { testClock } from '../../clocks.js'
import { captured } from '../../fixtures.js'

const KEY = 'a-key-of-more-than-128-bits'
const [RIDER, DRIVER] = ['918888800011', '918888800012']
const SETTINGS = {
  API_KEYS: KEY,
  MASKING_NUMBERS: '+919000000003,+919000000004',
  PUBLIC_BASE_URL: PUBLIC,
  VOBIZ_AUTH_TOKEN: 'token',
  WEBHOOK_AUTH: 'required',
}

/** A command line for an instance with a session of two people. */
async function instance(t: Test, call: object = {}) {
  const clock = testClock()
  const app = buildApp({
    environment: SETTINGS,
    logger: createLogger(captured().stream),
    clock,
  })
  t.teardown(() => app.close())
  const opened = await app.inject({
    method: 'POST',
    url: '/v1/sessions',
    headers: { authorization: `Bearer ${KEY}` },
    payload: { participants: [{ number: RIDER }, { number: DRIVER }], call },
  })
  const { id, participants } = opened.json()
  const run = async (args: string[], settings: Record<string, string> = SETTINGS) => {
    clock.time += 1_000
    const ran = await cli([...args, '--url', PUBLIC], settings, { fetch: fetchWith(app), now: () => 0 })
    // What is noted of an answer does not keep it waiting.
    await new Promise(setImmediate)
    return ran
  }
  const story = (name: string, ...more: string[]) =>
    run(['call', '--from', RIDER, '--to', participants[0].masking_number, '--story', name, ...more])
  return { app, run, story, sessionId: id, own: participants[0].masking_number }
}

test('call --story tells how a call went on, and shows its record', async (t) => {
  const { story } = await instance(t, {
    greeting: 'Hello.',
    whisper: 'From a rider.',
    record: { announce: false },
  })
  const { code, out } = await story('answered')
  t.equal(code, 0)
  t.match(out, /^hears {5}Hello\.$/m)
  for (const line of [
    'Record: 200',
    'DialAnswer: 200',
    'whisper: 200, heard: From a rider.',
    'RecordStop: 200',
  ])
    t.match(out, `${line}\n`)
  t.match(
    out,
    /outcome +talked\ntalked +42 s\nended by +called\ncause +one of the two hung up \(4000\)\nrecording +ready/,
  )
})

test('each story has its outcome', async (t) => {
  const { story } = await instance(t)
  const outcomes: Record<string, string> = {}
  for (const name of STORIES) {
    const { out } = await story(name, '--json')
    const { record, story: told } = JSON.parse(out)
    outcomes[name] = record.outcome
    t.ok(told.every(({ status }: { status: number }) => status === 200))
  }
  t.same(outcomes, {
    answered: 'talked',
    busy: 'busy',
    'no-answer': 'no_answer',
    declined: 'busy',
    cancelled: 'cancelled',
    failed: 'failed',
  })
  const { out } = await story('busy')
  t.match(out, 'DialAction: 200, heard: The person whom you are calling is busy.')
})

test('a story without a key says how to see the record', async (t) => {
  const { run, own } = await instance(t)
  const { API_KEYS: _, ...settings } = SETTINGS
  const { out } = await run(['call', '--from', RIDER, '--to', own, '--story', 'busy'], settings)
  t.match(out, /record +set API_KEYS/)
  const withOther = { ...SETTINGS, API_KEYS: 'another-key-of-128-bits-00' }
  const other = await run(['call', '--from', RIDER, '--to', own, '--story', 'busy'], withOther)
  t.match(other.out, /record +set API_KEYS/)
  const refused = await run(['call', '--from', '917777700003', '--to', own, '--story', 'busy', '--json'])
  t.match(JSON.parse(refused.out), {
    story: [{ told: 'Hangup', status: 200 }],
    record: { outcome: 'refused' },
  })
})

test('calls list and calls show', async (t) => {
  const { run, story, sessionId, own } = await instance(t)
  const { record } = JSON.parse((await story('answered', '--json')).out)
  await story('busy')
  const { out } = await run(['calls', 'list', '--session', sessionId, '--limit', '1'])
  t.match(
    out,
    /^CALL .*\n[\da-f-]{36} +2100-01-01T00:00:0\d\.000Z +\+9190000000.. +first +busy +0 s +s_.*\nThere are more: --cursor /,
  )
  const refused = await run(['call', '--from', '917777700003', '--to', own])
  t.equal(refused.code, 0)
  const strangers = await run(['calls', 'list', '--outcome', 'refused'])
  t.match(strangers.out, 'a stranger  refused: unknown_caller')
  const shown = await run(['calls', 'show', record.id])
  t.match(shown.out, new RegExp(`call +${record.id}\\nsession +${sessionId}\\n`))
  t.match(await run(['calls', 'show', 'none']), { code: 1, err: /There is no such call/ })
  const open = await run(['call', '--from', RIDER, '--to', own])
  t.equal(open.code, 0)
  t.match((await run(['calls', 'list'])).out, /in progress/)
})

test('calls list shows those that go on, and calls summary counts all', async (t) => {
  const { app, run, story, own } = await instance(t)
  await story('answered')
  await run(['call', '--from', RIDER, '--to', own])
  await run(['call', '--from', '917777700003', '--to', own])
  t.equal((await run(['calls', 'list', '--state', 'in_progress'])).out.trim().split('\n').length, 2)
  t.match(await run(['calls', 'list', '--state', 'lost']), { code: 2 })
  await app.callCounts.write()
  const { code, out } = await run(['calls', 'summary'])
  t.equal(code, 0)
  t.match(
    out,
    /^From 2099-12-31T01:00:00.000Z to 2100-01-01T01:00:00.000Z\.\n\nHOUR +CALLS +TALKED +NO_ANSWER +BUSY +FAILED +CANCELLED +REFUSED\n2100-01-01T00:00:00.000Z +3 +1 +0 +0 +0 +0 +1\nall +3 +1 +0 +0 +0 +0 +1\n\nNUMBER +DIALLED TODAY +SHOWN TODAY +DIALLED YESTERDAY +SHOWN YESTERDAY\n/,
  )
  t.match(out, new RegExp(`^\\${own} +2 +0 +0 +0$`, 'm'))
  t.notMatch(out, new RegExp([RIDER, DRIVER, '917777700003'].map((number) => number.slice(2)).join('|')))
  const none = await run([
    'calls',
    'summary',
    '--from',
    '2099-01-01T00:00:00Z',
    '--to',
    '2099-01-01T01:00:00Z',
  ])
  t.match(none.out, /^all +0/m)
  t.match(await run(['calls', 'summary', '--from', '2099-01-01T00:00:00Z']), { code: 1, err: /31 days/ })
})

test('what is not known of a call is left out', async (t) => {
  const { app, run } = await instance(t)
  const [live, charged] = ['8b1f3c52-7a44-4a0f-9d5e-2f6a1c0e7b93', '8b1f3c52-7a44-4a0f-9d5e-2f6a1c0e7b94']
  await app.callRecorder.note(live, { begun: { at: Date.UTC(2100, 0, 1) } })
  t.match(
    (await run(['calls', 'show', live])).out,
    new RegExp(
      `^call +${live}\\nbegan +2100-01-01T00:00:00.000Z\\noutcome +in progress\\nrecording +none\\n$`,
    ),
  )
  t.match((await run(['calls', 'list'])).out, /Z +- +a stranger +in progress +- +-$/m)
  await app.callRecorder.note(charged, {
    begun: { at: 1 },
    dialled: 'talked',
    ended: { ring: 7, code: '4000', seconds: 9 },
    costs: { [charged]: { amount: '0.9', currency: 'INR' } },
  })
  t.match(
    (await run(['calls', 'show', charged])).out,
    /rang +7 s\ntalked +9 s\ncause +one .*\ncost +0\.9 INR\n/,
  )
})

test('call --pin enters the PIN that is asked for', async (t) => {
  const clock = testClock()
  const app = buildApp({
    environment: { ...SETTINGS, WEBHOOK_AUTH: 'optional', PIN_LENGTH: '4' },
    logger: createLogger(captured().stream),
    clock,
  })
  t.teardown(() => app.close())
  const opened = await app.inject({
    method: 'POST',
    url: '/v1/sessions',
    headers: { authorization: `Bearer ${KEY}` },
    payload: { participants: [{ number: RIDER }, { number: DRIVER }] },
  })
  const [rider] = opened.json().participants
  const run = (...args: string[]) =>
    cli(['call', '--anonymous', '--to', rider.masking_number, '--url', PUBLIC, ...args], SETTINGS, {
      fetch: fetchWith(app),
      now: () => 0,
    })
  t.match(
    (await run()).out,
    /reaches +nobody\nshows +nothing\nhears +Please enter your PIN. No PIN was entered. Goodbye.\n/,
  )
  for (const more of [[], ['--unsigned']]) {
    const { out } = await run('--pin', rider.pin, '--story', 'answered', ...more)
    t.match(out, new RegExp(`reaches +\\+${DRIVER}\\n`))
    t.match(out, /outcome +talked\n/)
  }
})
