import { test } from 'tap'
import { callDefaults } from '../../../src/config/call-defaults.js'
import type { Config } from '../../../src/config/schema.js'

const PLAIN = { RING_TIMEOUT: 30, CALL_RECORD: 'off', ANSWER_FIRST: 'off', DEFAULT_COUNTRY: 'IN' } as Config

test('without settings, calls are bridged, and nothing else', async (t) => {
  const { ringTimeout, record, ...more } = callDefaults(PLAIN)
  t.same({ ringTimeout, record }, { ringTimeout: 30, record: 'off' })
  for (const value of Object.values(more)) t.equal(value, undefined)
})

test('each setting about calls holds for all', async (t) => {
  const config: Config = {
    ...PLAIN,
    RING_TIMEOUT: 45,
    CALL_TIME_LIMIT: 60,
    SESSION_MAX_CALLS: 3,
    CALL_HOURS: 'mon 09:00-21:00 UTC',
    CALL_GREETING: 'Hello.',
    CALL_WHISPER: 'https://a.example/a.mp3',
    CALL_LANGUAGE: 'en-IN',
    CALL_VOICE: 'MAN',
    SUPPORT_NUMBER: '022 2345 6789',
  }
  t.same(callDefaults(config), {
    ringTimeout: 45,
    timeLimit: 60,
    maxCalls: 3,
    hours: { days: ['mon'], from: '09:00', to: '21:00', timeZone: 'UTC' },
    greeting: 'Hello.',
    whisper: 'https://a.example/a.mp3',
    language: 'en-IN',
    voice: 'MAN',
    record: 'off',
    afterEnd: { dial: '+912223456789' },
  })
})

test('calls are recorded with an announcement, or without one where that is said', async (t) => {
  const recorded = (CALL_ANNOUNCEMENT: string) =>
    callDefaults({ ...PLAIN, CALL_RECORD: 'on', CALL_ANNOUNCEMENT }).record
  t.same(recorded('This call is recorded.'), { announcement: 'This call is recorded.' })
  t.same(recorded('none'), { announcement: undefined })
  t.equal(callDefaults({ ...PLAIN, CALL_ANNOUNCEMENT: 'This call is recorded.' }).record, 'off')
})
