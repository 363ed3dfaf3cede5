import type { AfterEnd, CallOptions, Recording } from '../masking/call-options.js'
import { e164, parsePhoneNumber } from '../masking/phone-number.js'
import { readHours } from './hours.js'
import type { Config } from './schema.js'

/** What the configuration says about all calls, where a session says nothing else. */
export function callDefaults(config: Config): CallOptions & { readonly ringTimeout: number } {
  return {
    ringTimeout: config.RING_TIMEOUT,
    timeLimit: config.CALL_TIME_LIMIT,
    maxCalls: config.SESSION_MAX_CALLS,
    hours: config.CALL_HOURS === undefined ? undefined : readHours(config.CALL_HOURS),
    greeting: config.CALL_GREETING,
    whisper: config.CALL_WHISPER,
    language: config.CALL_LANGUAGE,
    voice: config.CALL_VOICE,
    record: recordingOf(config),
    afterEnd: afterEndOf(config),
  }
}

function recordingOf({ CALL_RECORD, CALL_ANNOUNCEMENT }: Config): Recording {
  if (CALL_RECORD === 'off') return 'off'
  return { announcement: CALL_ANNOUNCEMENT === 'none' ? undefined : CALL_ANNOUNCEMENT }
}

/** What is said is CLOSED_MESSAGE, as before there was anything else. */
function afterEndOf({ SUPPORT_NUMBER, DEFAULT_COUNTRY }: Config): AfterEnd | undefined {
  const number = SUPPORT_NUMBER === undefined ? undefined : parsePhoneNumber(SUPPORT_NUMBER, DEFAULT_COUNTRY)
  return number && { dial: e164(number) }
}
