import type { DialEnd } from '../calls/call-facts.js'
import type { CallPath, TokenCall } from '../calls/call-tokens.js'
import { type CallOptions, isAudio, type Prompt } from '../masking/call-options.js'
import type { Leg } from '../masking/session.js'
import {
  type DialAttributes,
  dial,
  type GatherAttributes,
  gather,
  hangup,
  type Language,
  number,
  type Play,
  play,
  record,
  response,
  type Speak,
  speak,
  type Verb,
  type Voice,
  wait,
} from './document.js'
import { renderDocument } from './render.js'
import { goodbye, type Reply } from './replies.js'

/** The documents of a call, from its beginning to its end. */
export interface CallReplies {
  /**
   * Bridges a leg: rings its destination and shows the other side's masking number.
   *
   * @param call what its URLs belong to; undefined where the carrier did not say which call it is
   */
  connect(leg: Leg, call: TokenCall | undefined): Reply
  /** Whether a call that is bridged so is to be recorded. */
  records(leg: Leg): boolean
  /** Asks the caller for a PIN; undefined where nobody can be asked. */
  askPin(call: TokenCall): Reply | undefined
  /**
   * What the called one hears before they are connected. The platform takes nothing but words and files here.
   *
   * @param call what the session says; `unknown` where the store does not tell it
   */
  whisper(call: CallOptions | undefined | 'unknown'): Reply
  /** What the caller gets once nothing is dialled any more. */
  afterDial(end: DialEnd, call: CallOptions | undefined): Reply
  /** What a caller gets whose session is over, if anything was said about that. */
  afterEnd(call: CallOptions | undefined, dialled: string): Reply | undefined
}

export interface CallRepliesOptions {
  /** What holds for all calls where their session says nothing else. */
  readonly defaults: CallOptions & { readonly ringTimeout: number }
  /** `wait` picks a call up before it is bridged, for accounts whose calls die otherwise. */
  readonly answerFirst: 'off' | 'wait'
  /** Digits of a PIN; undefined: nobody is asked for one. */
  readonly pinLength?: number | undefined
  /** The URLs of ours for a call; undefined where the carrier cannot be given any. */
  readonly urlsOf: ((call: TokenCall) => CallUrls) | undefined
}

/** The URL of a call for each path. */
export type CallUrls = (path: CallPath) => string

/** Seconds that a call of a session lasts at most by default. The platform's own four hours are much for one mistake. */
export const SESSION_TIME_LIMIT = 3_600
/** Seconds that the platform lets a call last where nothing is said. */
const PLATFORM_TIME_LIMIT = 14_400

/** Stands for what differs from call to call while the document around it is rendered: no value and no markup contains it. */
const BLANK = '\u{E000}'

/** What somebody hears whose call was not connected. The caller is picked up by then, so silence would be paid for. */
const AFTER_DIAL: Readonly<Record<DialEnd, string>> = {
  talked: '',
  cancelled: '',
  busy: 'The person whom you are calling is busy. Please try again later.',
  no_answer: 'The person whom you are calling does not answer. Please try again later.',
  failed: 'Your call could not be connected. Please try again later.',
}

/** Nobody is to be recorded without knowing it because the store is down. */
const unknownWhisper = renderDocument(response(speak('This call may be recorded.')))
/** What a caller hears who is asked for a PIN, also after a wrong one; and when they enter nothing. */
const PIN_QUESTION = 'Please enter your PIN.'
const NO_PIN = 'No PIN was entered. Goodbye.'
/** Seconds for which the first digit of a PIN is waited for. */
const PIN_SECONDS = 15

/** Seconds of the `Wait` that picks a call up. */
const WAIT_SECONDS = 1

export function callReplies({ defaults, answerFirst, pinLength, urlsOf }: CallRepliesOptions): CallReplies {
  const bare = { timeout: defaults.ringTimeout }
  const ofPair = dialForm({
    ...bare,
    ...(defaults.timeLimit !== undefined && { timeLimit: defaults.timeLimit }),
  })
  const limited = { ...bare, timeLimit: defaults.timeLimit ?? SESSION_TIME_LIMIT }
  const ofSession = dialForm(limited)
  const told = dialForm({ ...limited, action: BLANK, callbackUrl: BLANK })
  const isPlain = answerFirst === 'off' && !asksForMore(defaults)

  return {
    connect(leg, call) {
      if (!isPlain || leg.call) return special(leg, call)
      if (leg.sessionId === undefined) return ofPair(leg.callerIdShown, leg.destination)
      if (!urlsOf || !call) return ofSession(leg.callerIdShown, leg.destination)
      const urls = urlsOf(call)
      return told(leg.callerIdShown, urls('dialled'), urls('leg'), leg.destination)
    },

    records: ({ call }) => urlsOf !== undefined && (call?.record ?? defaults.record ?? 'off') !== 'off',

    askPin(call) {
      if (!urlsOf || pinLength === undefined) return undefined
      const attributes: GatherAttributes = {
        action: urlsOf(call)('pin'),
        inputType: 'dtmf',
        numDigits: pinLength,
        finishOnKey: '#',
        executionTimeout: PIN_SECONDS,
        log: false,
      }
      // Whoever enters nothing is asked again by some platforms, and gets the next verbs from others.
      return renderDocument(response(gather(attributes, spoken(PIN_QUESTION)), spoken(NO_PIN), hangup()))
    },

    whisper(call) {
      if (call === 'unknown') return unknownWhisper
      return renderDocument(response(...heardByCalled(optionsOf(call))))
    },

    afterDial(end, call) {
      const words = AFTER_DIAL[end]
      if (words === '') return goodbye
      return renderDocument(response(spoken(words, optionsOf(call)), hangup()))
    },

    afterEnd(call, dialled) {
      const options = optionsOf(call)
      const { afterEnd, ringTimeout, timeLimit = SESSION_TIME_LIMIT } = options
      if (!afterEnd) return undefined
      if ('say' in afterEnd) return renderDocument(response(said(afterEnd.say, options), hangup()))
      const attributes = { callerId: dialled, timeout: ringTimeout, timeLimit }
      return renderDocument(response(dial(attributes, number(afterEnd.dial))))
    },
  }

  /** A sentence of ours, which is English, whatever is spoken otherwise. */
  function spoken(words: string, { voice, language }: Spoken = defaults): Speak | Play {
    const english = language?.startsWith('en-') ? language : undefined
    return said(words, { voice, language: english })
  }

  function optionsOf(call: CallOptions | undefined) {
    return { ...defaults, ...call, ringTimeout: call?.ringTimeout ?? defaults.ringTimeout }
  }

  /** For a call of which more is to be done than to bridge it. */
  function special(leg: Leg, call: TokenCall | undefined): Reply {
    const options = optionsOf(leg.call)
    const { ringTimeout, greeting } = options
    const timeLimit = options.timeLimit ?? (leg.sessionId === undefined ? undefined : SESSION_TIME_LIMIT)
    const urls = urlsOf && call && urlsOf(call)
    const before: Verb[] = greeting ? [said(greeting, options)] : []
    if (urls && options.record && options.record !== 'off') {
      const { announcement } = options.record
      if (announcement) before.push(said(announcement, options))
      before.push(recordVerb(timeLimit, urls))
    }
    const isPickedUp = before.some(({ name }) => name !== 'Record')
    if (answerFirst === 'wait' && !isPickedUp) before.unshift(wait(WAIT_SECONDS))
    const attributes: DialAttributes = {
      callerId: leg.callerIdShown,
      timeout: ringTimeout,
      ...(timeLimit !== undefined && { timeLimit }),
      ...(urls && { action: urls('dialled'), callbackUrl: urls('leg') }),
      ...(urls && heardByCalled(options).length > 0 && { confirmSound: urls('whisper') }),
    }
    return renderDocument(response(...before, dial(attributes, number(leg.destination))))
  }
}

/** Whoever is called hears too that the call is recorded. */
function heardByCalled(options: CallOptions): (Speak | Play)[] {
  const { record: recording = 'off', whisper } = options
  const prompts = [recording === 'off' ? undefined : recording.announcement, whisper]
  return prompts.flatMap((prompt) => (prompt ? said(prompt, options) : []))
}

function recordVerb(timeLimit: number | undefined, urls: CallUrls): Verb {
  return record({
    fileFormat: 'mp3',
    recordSession: true,
    redirect: false,
    playBeep: false,
    maxLength: timeLimit ?? PLATFORM_TIME_LIMIT,
    action: urls('recording'),
    callbackUrl: urls('recorded'),
    callbackMethod: 'POST',
  })
}

type Spoken = Pick<CallOptions, 'voice' | 'language'>

function said(prompt: Prompt, { voice, language }: Spoken): Speak | Play {
  if (isAudio(prompt)) return play(prompt)
  const attributes = {
    ...(voice !== undefined && { voice: voice as Voice }),
    ...(language !== undefined && { language: language as Language }),
  }
  return Object.keys(attributes).length > 0 ? speak(prompt, attributes) : speak(prompt)
}

/** Whether something of a call goes beyond bridging it in time. */
function asksForMore({ ringTimeout: _, timeLimit: __, ...more }: CallOptions): boolean {
  return Object.values(more).some((value) => value !== undefined && value !== 'off')
}

/**
 * A document that is rendered once, and whose values are filled in for each call. That is safe because numbers are digits and `+`,
 * and our URLs hold no markup.
 */
function dialForm(attributes: Omit<DialAttributes, 'callerId'>): (...values: readonly string[]) => Reply {
  const form = response(dial({ callerId: BLANK, ...attributes }, number(BLANK)))
  const parts = renderDocument(form).split(BLANK)
  return (...values) => parts.reduce((text, part, i) => text + values[i - 1] + part)
}
