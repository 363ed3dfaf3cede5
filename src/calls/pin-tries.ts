import { untilUnchanged } from '../masking/attempts.js'
import { pinKey } from '../masking/keys.js'
import type { Kept, Key, Storage } from '../masking/storage.js'
import type { PinLocks } from './call-facts.js'
import { PIN_TOKEN_LIFE_MS } from './call-tokens.js'

/** How often a caller is asked in one call. */
export const MAX_PIN_TRIES = 3

/** How wrong tries lock whoever makes them. */
export interface LockPolicy {
  /** So many wrong ones lock nothing. */
  readonly free: number
  /** Milliseconds of the first lock. Each further wrong one doubles it. */
  readonly firstMs: number
  /** Milliseconds of the longest lock. */
  readonly longestMs: number
  /** Milliseconds after the last wrong one, after which all are forgotten. It is no shorter than the longest lock. */
  readonly forgetMs: number
}

const MINUTE_MS = 60_000
const DAY_MS = 24 * 60 * MINUTE_MS

/** Wrong PINs of one caller, whatever they dial: at most 16 in a day. */
export const CALLER_LOCK: LockPolicy = {
  free: 5,
  firstMs: MINUTE_MS,
  longestMs: DAY_MS,
  forgetMs: DAY_MS,
}

/** Wrong PINs on one masking number, whoever calls: at most 50 in a day. */
export const NUMBER_LOCK: LockPolicy = {
  free: 20,
  firstMs: MINUTE_MS,
  longestMs: 60 * MINUTE_MS,
  forgetMs: DAY_MS,
}

/** The most wrong PINs that are judged on one masking number in a day: the free ones, those between growing locks, one an hour. */
export const MAX_WRONG_A_DAY = 50

/**
 * Counts wrong PINs, for all instances. A try is counted as a wrong one before anybody looks whether it is right, so nobody gets
 * more of them by making many at once. A right one does not make up for wrong ones: whoever has one PIN could try others for ever.
 */
export interface PinTries {
  /** Rejects with a `StoreUnavailableError` when the store fails. */
  begin(pinTry: PinTry): Promise<BegunTry>
}

export interface PinTry {
  readonly callId: string
  /** How often the call was asked before. */
  readonly attempt: number
  /** Whoever calls, as digits; undefined where they hide it. */
  readonly caller: string | undefined
  /** The masking number, whole. */
  readonly dialled: string
  readonly pin: string
  /** The one leg that may be opened is that of this caller, so that others on the masking number do not suffer from their tries. */
  readonly isKnown: boolean
}

export interface BegunTry {
  /** Whether a right PIN opens anything. */
  readonly mayOpen: boolean
  /** What this try locks, unless it turns out to be the right one. Sent again, it says the same. */
  readonly locks: PinLocks
  /** It was the right one: it does not count, and may be sent again. */
  succeed(): Promise<void>
}

/** What is kept of tries in a row. */
interface Wrong {
  readonly times: number
  /** When the last one was, in milliseconds since 1970. */
  readonly at: number
  /** Which one that was, so that it is counted once however often it is sent. */
  readonly by?: string
}

/** What is kept of a call, by the attempt: under what name its PIN is kept, and whether it was right. */
type TriesOfCall = readonly (readonly [name: string, isRight: 0 | 1] | null)[]

export const PIN_CALL_KIND = 'pin-call'
export const PIN_CALLER_KIND = 'pin-caller'
export const PIN_NUMBER_KIND = 'pin-number'

export function createPinTries(storage: Storage): PinTries {
  return {
    async begin({ callId, attempt, caller, dialled, pin, isKnown }) {
      const name = await storage.nameOf(pinKey(dialled, pin))
      const callKey: Key = { kind: PIN_CALL_KIND, id: callId }
      const seen = await untilUnchanged(() => enter(callKey, attempt, name))
      if (seen !== 'to judge') return { mayOpen: seen === 'right', locks: {}, succeed: async () => undefined }

      // All who hide their number are one caller, on each masking number.
      const callerKey: Key = { kind: PIN_CALLER_KIND, secret: caller ?? `hidden/${dialled}` }
      const numberKey: Key = { kind: PIN_NUMBER_KIND, id: dialled }
      // While the number is locked, a caller does not lock themselves.
      const isNumberOpen = isKnown || (await isOpen(numberKey, NUMBER_LOCK))
      const by = `${callId}/${attempt}`
      const ofCaller = await count(callerKey, CALLER_LOCK, { by, isToCount: isNumberOpen })
      const isToCount = ofCaller.isCounted && !isKnown
      const ofNumber = await count(numberKey, NUMBER_LOCK, { by, isToCount })
      return {
        mayOpen: ofCaller.isCounted && (ofNumber.isCounted || isKnown),
        locks: { caller: ofCaller.locksUntil, number: ofNumber.locksUntil },
        async succeed() {
          await untilUnchanged(() => markRight(callKey, attempt, name))
          await ofCaller.takeBack()
          await ofNumber.takeBack()
        },
      }
    },
  }

  /**
   * Keeps what is tried in an attempt, the first time. A second PIN in the same attempt is no retry of a request. The same one is
   * judged again unless it is known to be right: the first request may still be at it, or its instance gone.
   */
  async function enter(
    key: Key,
    attempt: number,
    name: string,
  ): Promise<'to judge' | 'right' | 'no good' | 'changed'> {
    const [was] = await storage.read([key])
    const tries = (was?.value ?? []) as TriesOfCall
    const [nameBefore = name, isRight] = tries[attempt] ?? []
    if (nameBefore !== name) return 'no good'
    if (isRight === 1) return 'right'
    const value = withTry(tries, attempt, [name, 0])
    const until = storage.now() + PIN_TOKEN_LIFE_MS
    return (await storage.swap({ key, was, value, until })) ? 'to judge' : 'changed'
  }

  async function markRight(key: Key, attempt: number, name: string): Promise<'marked' | 'changed'> {
    const [was] = await storage.read([key])
    const value = withTry((was?.value ?? []) as TriesOfCall, attempt, [name, 1])
    const until = storage.now() + PIN_TOKEN_LIFE_MS
    return (await storage.swap({ key, was, value, until })) ? 'marked' : 'changed'
  }

  interface ToCount {
    /** Which try it is. */
    readonly by: string
    /** False: nothing is to be counted, only written. */
    readonly isToCount: boolean
  }

  interface Counted {
    readonly isCounted: boolean
    /** Milliseconds since 1970, until when what was counted locks; undefined where it does not. */
    readonly locksUntil: number | undefined
    /** Undoes what this very request has counted. */
    takeBack(): Promise<unknown>
  }

  async function isOpen(key: Key, policy: LockPolicy): Promise<boolean> {
    const [kept] = await storage.read([key])
    return !isLocked(kept, policy)
  }

  function isLocked(kept: Kept | undefined, policy: LockPolicy): boolean {
    const now = storage.now()
    return now < lockedUntil(current(kept, policy, now), policy)
  }

  /**
   * Counts a wrong try once, unless whoever makes it is locked. Then the same is written as before: it is not to be heard how much
   * was to be done.
   */
  function count(key: Key, policy: LockPolicy, { by, isToCount }: ToCount): Promise<Counted> {
    return untilUnchanged(async () => {
      const [was] = await storage.read([key])
      const now = storage.now()
      const before = current(was, policy, now)
      const isCountedBefore = before.by === by
      const isNew = isToCount && !isCountedBefore && !isLocked(was, policy)
      const after = isNew ? { times: before.times + 1, at: now, by } : before
      if (!(await storage.swap({ key, was, value: after, until: now + policy.forgetMs }))) return 'changed'
      const isCounted = isNew || isCountedBefore
      const until = lockedUntil(after, policy)
      return {
        isCounted,
        locksUntil: isCounted && now < until ? until : undefined,
        takeBack: async () => isNew && untilUnchanged(() => takeBack(key, policy, before, after)),
      }
    })
  }

  /** What was counted meanwhile by others stays. */
  async function takeBack(
    key: Key,
    { forgetMs }: LockPolicy,
    before: Wrong,
    after: Wrong,
  ): Promise<'done' | 'changed'> {
    const [was] = await storage.read([key])
    const now = (was?.value ?? after) as Wrong
    const value = now.by === after.by ? before : { ...now, times: now.times - 1 }
    return (await storage.swap({ key, was, value, until: storage.now() + forgetMs })) ? 'done' : 'changed'
  }
}

/** Milliseconds since 1970, until when nothing is tried. */
export function lockedUntil({ times, at }: Wrong, { free, firstMs, longestMs }: LockPolicy): number {
  return times < free ? Number.NEGATIVE_INFINITY : at + Math.min(firstMs * 2 ** (times - free), longestMs)
}

/** What cannot be read begins anew, or whoever altered it would lock everybody out. */
function current(kept: Kept | undefined, { forgetMs }: LockPolicy, now: number): Wrong {
  const wrong = kept?.value as Wrong | undefined
  return wrong && now < wrong.at + forgetMs ? wrong : { times: 0, at: 0 }
}

function withTry(tries: TriesOfCall, attempt: number, one: readonly [string, 0 | 1]): TriesOfCall {
  return Array.from({ length: Math.max(tries.length, attempt + 1) }, (_, i) =>
    i === attempt ? one : (tries[i] ?? null),
  )
}
