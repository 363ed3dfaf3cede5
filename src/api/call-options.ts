import {
  type AfterEnd,
  type CallOptions,
  type Hours,
  isPrompt,
  isTimeZone,
  type Recording,
} from '../masking/call-options.js'
import { type ParticipantRules, readSupportNumber, type Unfit } from '../masking/participant.js'
import { e164, type PhoneNumber } from '../masking/phone-number.js'
import { LANGUAGES } from '../vobiz/document.js'
import type { CallSettings, CallSettingsView } from './call-options-schema.js'
import { type CallOptionMistake, ProblemError, unfitCallOption } from './problem.js'

/** What the options of a request are read with. */
export interface CallOptionsReader {
  /** Which number can be that of a support line: one that nobody could be charged for, or reach a stranger by. */
  readonly rules: ParticipantRules
  /** Whether the carrier can be given URLs of ours. */
  readonly hasPublicUrl: boolean
  /** Whether participants get PINs. */
  readonly hasPins: boolean
  /** What is announced by default where calls are recorded. */
  readonly announcement: string | undefined
}

/** What a request says about the calls of a session. Throws a `ProblemError` that says what is wrong. */
export function readCallOptions(settings: CallSettings, reader: CallOptionsReader): CallOptions {
  const { greeting, whisper, language, hours, record, after_end } = settings
  if (language !== undefined && !LANGUAGES.some((known) => known === language)) refuse('language', 'language')
  const prompts = {
    greeting,
    whisper,
    'record.announcement': (record || undefined)?.announcement,
    'after_end.say': after_end?.say,
  }
  for (const [field, prompt] of Object.entries(prompts)) {
    if (prompt !== undefined && !isPrompt(prompt)) refuse(field, 'prompt')
  }
  if ((record || whisper !== undefined) && !reader.hasPublicUrl)
    refuse(record ? 'record' : 'whisper', 'public-url')
  if (settings.force_pin && !reader.hasPins) refuse('force_pin', 'pins')

  const options: CallOptions = {
    ringTimeout: settings.ring_timeout,
    timeLimit: settings.time_limit,
    maxCalls: settings.max_calls,
    hours: hours && readHours(hours),
    greeting,
    whisper,
    language,
    voice: settings.voice,
    record: record === undefined ? undefined : readRecording(record, reader),
    afterEnd: after_end && readAfterEnd(after_end, reader),
    forcePin: settings.force_pin,
    rememberPhone: settings.remember_phone,
  }
  // What stands there as undefined would hide what holds by default.
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined))
}

function readHours({ days, from, to, time_zone: timeZone }: NonNullable<CallSettings['hours']>): Hours {
  if (from === to) refuse('hours.to', 'hours')
  if (!isTimeZone(timeZone)) refuse('hours.time_zone', 'time-zone')
  return { days, from, to, timeZone }
}

/** Nobody is recorded in silence by an oversight. */
function readRecording(
  record: NonNullable<CallSettings['record']>,
  { announcement: standard }: CallOptionsReader,
): Recording {
  if (record === false) return 'off'
  if (record.announce === false) return { announcement: undefined }
  const announcement = record.announcement ?? standard
  if (announcement === undefined) refuse('record.announcement', 'announcement')
  return { announcement }
}

function readAfterEnd(
  { say, number }: NonNullable<CallSettings['after_end']>,
  { rules }: CallOptionsReader,
): AfterEnd {
  if (say !== undefined) return { say }
  const read = readSupportNumber(String(number), rules)
  if (typeof read === 'string') refuse('after_end.number', UNFIT_FOR_SUPPORT[read])
  return { dial: e164(read) }
}

const UNFIT_FOR_SUPPORT: Readonly<Record<Unfit, CallOptionMistake>> = {
  invalid_number: 'support-number',
  short_code: 'support-number',
  emergency_number: 'support-number',
  toll_free_number: 'support-number',
  premium_number: 'support-premium',
  country_not_allowed: 'support-country',
  masking_number_as_participant: 'support-masking',
}

/** After the end nobody reaches the other, whatever the support line is said to be. Throws a `ProblemError`. */
export function refuseParticipantAsSupport(
  { afterEnd }: CallOptions,
  participants: readonly PhoneNumber[],
): void {
  if (!afterEnd || 'say' in afterEnd) return
  if (participants.some((one) => e164(one) === afterEnd.dial))
    refuse('after_end.number', 'support-participant')
}

function refuse(field: string, mistake: CallOptionMistake): never {
  throw new ProblemError(unfitCallOption(`call.${field}`, mistake))
}

/** The texts of these options that replies show. */
export function textsOf({ greeting, whisper, record, afterEnd }: CallOptions): string[] {
  const announcement = record === undefined || record === 'off' ? undefined : record.announcement
  const said = afterEnd && 'say' in afterEnd ? afterEnd.say : undefined
  return [greeting, whisper, announcement, said].flatMap((text) => text ?? [])
}

/** As the API shows them: without the number of the support line. */
export function callSettingsView(options: CallOptions): CallSettingsView {
  const { ringTimeout, timeLimit, maxCalls, hours, greeting, whisper, language, voice, record, afterEnd } =
    options
  const { forcePin, rememberPhone } = options
  return {
    ...(ringTimeout !== undefined && { ring_timeout: ringTimeout }),
    ...(timeLimit !== undefined && { time_limit: timeLimit }),
    ...(maxCalls !== undefined && { max_calls: maxCalls }),
    ...(hours && { hours: hoursView(hours) }),
    ...(greeting !== undefined && { greeting }),
    ...(whisper !== undefined && { whisper }),
    ...(language !== undefined && { language }),
    ...(voice !== undefined && { voice: voice as NonNullable<CallSettings['voice']> }),
    ...(record && { record: recordingView(record) }),
    ...(afterEnd && { after_end: afterEndView(afterEnd) }),
    ...(forcePin !== undefined && { force_pin: forcePin }),
    ...(rememberPhone !== undefined && { remember_phone: rememberPhone }),
  }
}

function hoursView({ days, from, to, timeZone }: Hours) {
  return { days: [...days], from, to, time_zone: timeZone }
}

function recordingView(record: Recording): NonNullable<CallSettingsView['record']> {
  if (record === 'off') return false
  return record.announcement === undefined ? { announce: false } : { announcement: record.announcement }
}

function afterEndView(afterEnd: AfterEnd) {
  return 'say' in afterEnd ? { say: afterEnd.say } : { number_hint: `…${afterEnd.dial.slice(-2)}` }
}
