import { type PhoneNumber, wholeNumber } from '../masking/phone-number.js'
import type { Outcome } from '../masking/resolver.js'
import type { Leg } from '../masking/session.js'
import type { Lookup } from '../masking/session-store.js'
import type { Spelling } from '../masking/spelling.js'
import type { MaybePromise } from '../maybe-promise.js'
import { type Admission, admit } from './admission.js'
import type { PinLocks } from './call-facts.js'
import type { TokenCall } from './call-tokens.js'
import type { PinTries } from './pin-tries.js'

/** What a caller entered who was asked for a PIN. */
export interface PinEntry {
  /** Its session is that of the caller, where their number is known. */
  readonly call: TokenCall
  readonly caller: Spelling | undefined
  readonly dialled: PhoneNumber
  readonly pin: string
}

/** What is decided about an entry. */
export interface PinDecision {
  readonly outcome: Outcome<string>
  /** What the right PIN opened, also where the session connects no call now. */
  readonly leg?: Leg
  /** What the wrong PIN locked that anybody is to know of. */
  readonly locks?: PinLocks
}

export interface PinEntriesOptions {
  readonly tries: PinTries
  readonly lookup: Pick<Lookup, 'findByPin'>
  readonly admission: Admission
}

/** Decides entries. It rejects with a `StoreUnavailableError` when the store fails. */
export type PinEntries = (entry: PinEntry) => Promise<PinDecision>

export const WRONG_PIN = 'wrong-pin'

/** Nobody's. */
const NO_PIN = ''

export function createPinEntries({ tries, lookup, admission }: PinEntriesOptions): PinEntries {
  return async (entry) => {
    const { call, dialled } = entry
    const { leg, locks } = await judged(entry)
    if (!leg) return { outcome: wrongPin(call, dialled), locks }
    return { outcome: await admitted(leg, entry), leg }
  }

  /** However wrong it is, and for whatever reason, the store is asked the same. */
  async function judged({ call, caller, dialled, pin }: PinEntry): Promise<Judged> {
    const { callId, attempt = 0, sessionId, side } = call
    const number = wholeNumber(dialled)
    const isKnown = sessionId !== undefined
    const begun = await tries.begin({
      callId,
      attempt,
      caller: caller?.digits,
      dialled: number,
      pin,
      isKnown,
    })
    // What is found takes longer than what is not: of a locked caller, nothing is.
    const leg = await lookup.findByPin(begun.mayOpen ? pin : NO_PIN, number)
    // There can be any number of strangers, but on each masking number only so many are judged.
    const locks = isKnown ? begun.locks : { number: begun.locks.number }
    if (!leg) return { locks }
    if (isKnown && (leg.sessionId !== sessionId || leg.side !== side)) return { locks }
    await begun.succeed()
    return { leg, locks: {} }
  }

  function admitted(leg: Leg, { call, dialled }: PinEntry): MaybePromise<Outcome<string>> {
    return admit(admission, { kind: 'connect', dialled, leg }, call.callId)
  }
}

interface Judged {
  readonly leg?: Leg
  readonly locks: PinLocks
}

/** The outcome of an entry that opens nothing. */
export function wrongPin({ sessionId }: TokenCall, dialled: PhoneNumber | undefined): Outcome<string> {
  return { kind: 'refuse', reason: WRONG_PIN, ...(dialled && { dialled }), sessionId }
}
