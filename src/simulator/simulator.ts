import { admit, createAdmission } from '../calls/admission.js'
import type { DialEnd } from '../calls/call-facts.js'
import { isForPin, withoutQuestion } from '../calls/pin-question.js'
import type { CallOptions } from '../masking/call-options.js'
import { type Explanation, explainOutcome } from '../masking/explain.js'
import { createLegLookup } from '../masking/leg-lookup.js'
import type { LivePool } from '../masking/live-pool.js'
import { createLookup } from '../masking/lookup.js'
import type { FixedLeg } from '../masking/pair.js'
import type { PhoneNumber } from '../masking/phone-number.js'
import { readOnly } from '../masking/read-only.js'
import { type Call, type Outcome, resolveCall } from '../masking/resolver.js'
import { otherSide, type Session, type Side } from '../masking/session.js'
import type { Storage } from '../masking/storage.js'
import { callAnswer } from '../vobiz/call-answer.js'
import { type CallRepliesOptions, type CallUrls, callReplies } from '../vobiz/call-replies.js'
import type { Reply } from '../vobiz/replies.js'
import { type HeardDial, heardIn } from './heard.js'
import { hiddenOptions, hiddenOutcome } from './hidden.js'

/** What would become of a call, without a real number and without a token. */
export interface Simulation extends Explanation, Played {
  /** The moment of the call, in milliseconds since 1970 by the store's clock. */
  readonly at: number
  /** Whether the document asks for a PIN. */
  readonly asksForPin: boolean
  /** What follows the right PIN, where the caller is known by their number. */
  readonly afterPin?: Played
}

/** What a document makes of a call. */
export interface Played {
  /** What the carrier would get. */
  readonly document: Reply
  /** Words, and URLs of files that are played. */
  readonly callerHears: readonly string[]
  readonly isRecorded: boolean
  /** Who is rung; undefined: nobody. */
  readonly called?: CalledPhone
  /** What the caller hears when it is over, by how it ended; undefined where nobody is rung. */
  readonly endings?: Endings
}

export interface CalledPhone {
  /** Undefined for a number of the business. */
  readonly side: Side | undefined
  /** `…02` */
  readonly hint: string
  /** The masking number that the phone shows, as it is sent to the carrier. */
  readonly shows: string
  readonly hears: readonly string[]
}

/** The ways in which a call ends that has rung somebody, and whose caller is still there. */
export const ENDINGS = ['talked', 'busy', 'no_answer', 'failed'] as const satisfies readonly DialEnd[]
export type Endings = Readonly<Record<(typeof ENDINGS)[number], readonly string[]>>

/** What decides calls and says what they hear, as for real ones. */
export interface SimulatorOptions extends Omit<CallRepliesOptions, 'urlsOf'> {
  readonly storage: Storage
  /** Masking numbers besides those of the pool. */
  readonly numbers: readonly PhoneNumber[]
  readonly pool: Pick<LivePool, 'seen' | 'ask'>
  readonly fixed: readonly FixedLeg[]
  /** Milliseconds for which a number rests for a person after a leg on it ended. */
  readonly restMs: number
  /** Whether the carrier can be given URLs. */
  readonly hasUrls: boolean
  /** What a stranger hears. */
  readonly rejection: string
  /** What a caller hears whose session has ended. */
  readonly closed: string
}

export interface SimulatedCall extends Call {
  /** Milliseconds from now until the call. */
  readonly aheadMs: number
  /** The session that the asker knows, of which alone is told what to dial instead. */
  readonly named?: Session | undefined
}

/** Plays a call through. It writes nothing, and rejects when the store fails. */
export type Simulate = (call: SimulatedCall) => Promise<Simulation>

/** The real ones have a path that may be secret, and a token that opens something. */
const SOME_URLS: CallUrls = (path) => `https://…/answer/${path}/…`

export function createSimulator(options: SimulatorOptions): Simulate {
  const { storage, numbers, pool, fixed, restMs, defaults, rejection, closed } = options
  const replies = callReplies({
    ...options,
    defaults: hiddenOptions(defaults),
    urlsOf: options.hasUrls ? () => SOME_URLS : undefined,
  })
  const answerTo = callAnswer({ replies, rejection, closed })

  return async ({ aheadMs, named, ...call }) => {
    const view = readOnly(storage, aheadMs)
    const at = view.now()
    const sessions = createLookup({ storage: view, restMs })
    const legs = createLegLookup({ numbers, pool, fixed, sessions })
    // What it would count is kept for no time: it counts nothing.
    const { refusalOfNext } = createAdmission({ storage: view, defaults, keptMs: 0 })
    const resolved = await resolveCall(legs, call)
    const admitted = await admit({ refusalOf: refusalOfNext }, resolved, SOME_CALL)
    const explanation = await explainOutcome(resolved, { legs, notNow: refusalOfNext }, call, named)
    const isAsked = isForPin(resolved)
    const question = isAsked ? replies.askPin({ callId: SOME_CALL, at }) : undefined
    if (question !== undefined) {
      const afterPin = resolved.kind === 'connect' ? answered(admitted, at) : undefined
      return { at, ...explanation, ...playedBy(question), asksForPin: true, ...(afterPin && { afterPin }) }
    }
    const outcome = isAsked ? withoutQuestion(resolved) : admitted
    return { at, ...explanation, outcome: outcome.kind, ...answered(outcome, at), asksForPin: false }
  }

  function answered(outcome: Outcome<string>, at: number): Played {
    const hidden = hiddenOutcome(outcome)
    const document = answerTo(hidden, { callId: SOME_CALL, at })
    if (hidden.kind === 'refuse') return playedBy(document)
    const { side, call } = hidden.leg
    return playedBy(document, { caller: side, call })
  }

  function playedBy(document: Reply, by: CalledBy = {}): Played {
    const { words, isRecorded, dial } = heardIn(document)
    const before = { document, callerHears: words, isRecorded }
    return dial ? { ...before, called: rung(dial, by), endings: endingsOf(dial, by) } : before
  }

  function rung({ number, callerId, asksForWhisper }: HeardDial, { caller, call }: CalledBy): CalledPhone {
    const side = caller === undefined ? undefined : otherSide(caller)
    const hears = asksForWhisper ? heardIn(replies.whisper(call)).words : []
    return { side, hint: number, shows: callerId, hears }
  }

  function endingsOf({ asksAtEnd }: HeardDial, { call }: CalledBy): Endings {
    const heardAfter = (end: DialEnd) => (asksAtEnd ? heardIn(replies.afterDial(end, call)).words : [])
    return {
      talked: heardAfter('talked'),
      busy: heardAfter('busy'),
      no_answer: heardAfter('no_answer'),
      failed: heardAfter('failed'),
    }
  }
}

/** Stands for the carrier's id of the call, which appears nowhere. */
const SOME_CALL = 'simulated'

/** Which participant rings another one, and what their session says about it. Nobody does after the end of a session. */
interface CalledBy {
  readonly caller?: Side | undefined
  readonly call?: CallOptions | undefined
}
