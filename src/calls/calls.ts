import { untilUnchanged } from '../masking/attempts.js'
import { cursorAt, startOf } from '../masking/cursor.js'
import { CALL_KIND } from '../masking/keys.js'
import {
  AS_BEFORE,
  type Entry,
  type Kept,
  type KeptValue,
  type Key,
  type Storage,
  type Unreadable,
} from '../masking/storage.js'
import type { ToTell } from '../masking/to-tell.js'
import { type Begun, type CallFacts, hasEnded, isOver, joinFacts, type RecordedFacts } from './call-facts.js'
import { namesOfNew } from './call-news.js'
import { type CallOutcome, type CallState, stateOf, summaryOf } from './call-summary.js'
import { TOKEN_LIFE_MS } from './call-tokens.js'
import { COST_DELAY_MS } from './costs.js'
import {
  AT_ONCE,
  AWAITED,
  RECORDED,
  RECORDING_LIMIT_MS,
  recordedEntry,
  UNCOSTED,
  uncostedEntry,
} from './work-lists.js'

/** The records of calls, over any storage. All promises reject with a `StoreUnavailableError` when the store fails. */
export interface Calls {
  /** Adds facts of a call. A call that did not begin here is not made by them. */
  note(id: string, facts: CallFacts): Promise<Noted>
  find(id: string): Promise<RecordedFacts | undefined>
  /** The newest first. */
  list(query: CallQuery): Promise<CallPage>
  /** Forgets the calls of a session for good, also those of which something is yet to be told. Says how many there were. */
  forget(sessionId: string): Promise<number>
  /** To be called every second: takes out of the list what is past its time, a bounded piece at a time. */
  sweep(): Promise<void>
}

export interface Noted {
  /** `unknown`: nothing tells that this call began. */
  readonly kind: 'noted' | 'unknown'
  /** The facts of a call whose end was told by what was added, and not before. */
  readonly ended?: CallFacts
}

export interface CallQuery {
  readonly sessionId?: string | undefined
  /** Milliseconds since 1970: calls that began from then on, and before. */
  readonly from?: number | undefined
  readonly to?: number | undefined
  readonly outcome?: CallOutcome | undefined
  readonly state?: CallState | undefined
  /** The `next` of the page before. Any other text is no position. */
  readonly cursor?: string | undefined
  readonly limit: number
}

export interface Call {
  readonly id: string
  readonly facts: RecordedFacts
}

export interface CallPage {
  readonly calls: readonly Call[]
  /** Where the next page begins; absent after the last. */
  readonly next?: string | undefined
}

export interface CallsOptions {
  readonly storage: Storage
  /** Milliseconds for which a call is remembered. */
  readonly retentionMs: number
  /** How many calls that began here are remembered at most: the oldest make room. It is no less than `ROOM_STEP`. */
  readonly maxCalls?: number
  /** What is asked of the carrier once a call is over; nothing by default. */
  readonly asks?: 'cost' | 'nothing'
  /** Where calls are listed that have something to tell; undefined where nobody is told. */
  readonly toTell?: ToTell | undefined
  /** Told of each change of a record, once it is written: what was known before, which may be nothing, and what is known now. */
  readonly onNoted?: (before: CallFacts, after: RecordedFacts) => void
  /** Told of each record that is passed over because it cannot be read. */
  readonly onUnreadable: (reason: Unreadable) => void
}

const ALL_CALLS: Key = { kind: 'calls', id: 'all' }
/** Calls that are in progress, and some that were: whoever looks reads their records. */
export const ONGOING: Key = { kind: 'calls', id: 'ongoing' }
/** Milliseconds after its beginning, from which on a call is none of them: it has ended, and nobody told us. */
export const ONGOING_MS = TOKEN_LIFE_MS
/** Calls that have something to tell. */
export const CALLS_TO_TELL: Key = { kind: 'calls-to-tell', id: 'all' }

export function callKey(id: string): Key {
  return { kind: CALL_KIND, id }
}
function callsOf(sessionId: string): Key {
  return { kind: 'calls-of', id: sessionId }
}

/** How many calls a list looks at for one page at most, and at how many at once. */
export const CALL_SCAN = 10_000
const LIST_STEP = 200
/** How many calls each sweep looks at. */
const SWEEP_STEP = 1_000
/** How many of the oldest calls make room at once. */
export const ROOM_STEP = 100

export function createCalls(options: CallsOptions): Calls {
  const {
    storage,
    retentionMs,
    maxCalls = Number.POSITIVE_INFINITY,
    asks = 'nothing',
    toTell,
    onNoted,
    onUnreadable,
  } = options
  let begunHere = 0

  return {
    note(id, facts) {
      const listed = { begun: undefined }
      // Of a call that begins there is hardly ever a record: it is looked for only where one turns out to be there.
      let read = facts.begun ? async () => undefined : () => recordOf(id)
      return untilUnchanged(async () => {
        const was = await read()
        read = () => recordOf(id)
        return tryToNote(id, facts, was, listed)
      })
    },
    async find(id) {
      return factsIn(await recordOf(id))
    },
    list,
    forget,
    async sweep() {
      const entries = await storage.entries(ALL_CALLS, { order: 'oldest first', limit: SWEEP_STEP })
      await storage.delist(
        ALL_CALLS,
        entries.filter(({ at }) => at + retentionMs <= storage.now()),
      )
      const ongoing = await storage.entries(ONGOING, { order: 'oldest first', limit: SWEEP_STEP })
      const silent = ongoing.filter(({ at }) => at + ONGOING_MS <= storage.now())
      if (silent.length > 0) await storage.delist(ONGOING, silent)
    },
  }

  async function recordOf(id: string): Promise<Kept | undefined> {
    const [kept] = await storage.read([callKey(id)])
    return kept
  }

  /** @param listed how this very note has put the call into the lists, before another was faster */
  async function tryToNote(
    id: string,
    facts: CallFacts,
    was: Kept | undefined,
    listed: Listed,
  ): Promise<Noted | 'changed'> {
    const key = callKey(id)
    // What cannot be read is not written over: another instance may have the key of it.
    if (was?.unreadable) return { kind: 'unknown' }
    if (isForgotten(was)) return { kind: 'noted' }
    const known = (was?.value ?? {}) as CallFacts
    const value = joinFacts(known, facts)
    const { begun } = value
    if (!begun) return { kind: 'unknown' }
    const before = listed.begun ?? known.begun
    // Of which session a call is may be known by its PIN alone, which comes later.
    const isListed = before?.at === begun.at && before.sessionId === begun.sessionId
    if (isListed && JSON.stringify(value) === JSON.stringify(known)) return { kind: 'noted' }

    const until = begun.at + retentionMs
    // First, because a crash in between would otherwise leave a call that is in no list.
    const listing = Promise.all([
      !isListed && enlist(id, begun.at, begun.sessionId, until),
      !isListed && !isOver(value) && storage.enlist(ONGOING, { id, at: begun.at }, Number.POSITIVE_INFINITY),
      enlistWork(id, known, value, begun.at),
    ])
    const write = () => {
      listed.begun = begun
      return storage.swap({ key, was, value, until })
    }
    const news = toTell ? namesOfNew(known, { ...value, begun }) : []
    const isWritten =
      toTell && news.length > 0
        ? toTell.through({ id, news, value, listed: listing }, write)
        : listing.then(write)
    if (!(await isWritten)) return 'changed'

    onNoted?.(known, { ...value, begun })
    if (isOver(value) && !isOver(known)) await takeOut({ id, at: begun.at })
    if (!known.begun) await makeRoom()
    const { sessionId } = begun
    const isOfNew = sessionId !== undefined && sessionId !== known.begun?.sessionId
    if (isOfNew && (await isForgottenSession(sessionId))) {
      await forgetListed(sessionId)
      return { kind: 'noted' }
    }
    return hasEnded(value) && !hasEnded(known) ? { kind: 'noted', ended: value } : { kind: 'noted' }
  }

  async function makeRoom(): Promise<void> {
    begunHere += 1
    if (begunHere <= maxCalls) return
    const oldest = await storage.entries(ALL_CALLS, { order: 'oldest first', limit: ROOM_STEP })
    await Promise.all(oldest.map((entry) => untilUnchanged(() => drop(entry))))
    await storage.delist(ALL_CALLS, oldest)
    begunHere -= oldest.length
  }

  async function drop(entry: Entry): Promise<'dropped' | 'changed'> {
    const key = callKey(entry.id)
    const [was] = await storage.read([key])
    const sessionId = factsIn(was)?.begun.sessionId
    if (sessionId !== undefined) await storage.delist(callsOf(sessionId), [entry])
    return (await storage.swap({ key, was, value: undefined, until: 0 })) ? 'dropped' : 'changed'
  }

  async function enlist(id: string, at: number, sessionId: string | undefined, until: number): Promise<void> {
    await Promise.all([
      storage.enlist(ALL_CALLS, { id, at }, Number.POSITIVE_INFINITY),
      sessionId !== undefined && storage.enlist(callsOf(sessionId), { id, at }, until),
    ])
  }

  /** A call that has ended. Where the store fails, the sweep does it later: what was written is not to be noted again for it. */
  async function takeOut(entry: Entry): Promise<void> {
    await storage.delist(ONGOING, [entry]).catch(() => undefined)
  }

  /** What is to be done about a call later, without a look at all of them. */
  async function enlistWork(callId: string, known: CallFacts, facts: CallFacts, at: number): Promise<void> {
    const isNew = (recordingId: string) => !known.recordings?.[recordingId]
    const entries = Object.keys(facts.recordings ?? {})
      .filter(isNew)
      .map((recordingId) => recordedEntry({ callId, recordingId }, at))
    await Promise.all(entries.map((entry) => storage.enlist(RECORDED, entry, Number.POSITIVE_INFINITY)))
    if (isAwaited(facts) && !isAwaited(known)) {
      const limit = { id: callId, at: storage.now() + RECORDING_LIMIT_MS }
      await storage.enlist(AWAITED, limit, Number.POSITIVE_INFINITY)
    }
    // Strangers can make any number of refused calls, and must not make us ask for each.
    if (asks === 'nothing' || facts.begun?.refused !== undefined) return
    if (!hasEnded(facts) || hasEnded(known)) return
    const due = uncostedEntry(callId, 0, storage.now() + COST_DELAY_MS)
    await storage.enlist(UNCOSTED, due, Number.POSITIVE_INFINITY)
  }

  async function list({ from, to, cursor, limit, ...query }: CallQuery): Promise<CallPage> {
    const key = listOf(query)
    // Also of one session, whose list has all of its calls.
    const begin = query.state === 'in_progress' ? storage.now() - ONGOING_MS : 0
    const oldest = Math.max(from ?? 0, begin)
    const calls: Call[] = []
    let after = startOf(cursor, to)
    let next = cursor
    for (let looked = 0; looked < CALL_SCAN; looked += LIST_STEP) {
      const entries = await storage.entries(key, {
        order: 'newest first',
        after,
        limit: LIST_STEP,
      })
      const found = await storage.read(entries.map(({ id }) => callKey(id)))
      for (const [i, entry] of entries.entries()) {
        if (entry.at < oldest) return { calls }
        if (calls.length === limit) return { calls, next }
        const facts = factsIn(found[i])
        // Of a call that was answered twice, the lists may have both times.
        if (facts?.begun.at === entry.at && isAsked(facts, query)) calls.push({ id: entry.id, facts })
        after = entry
        next = cursorAt(entry)
      }
      if (entries.length < LIST_STEP) return { calls }
    }
    return { calls, next }
  }

  async function forget(sessionId: string): Promise<number> {
    const until = storage.now() + retentionMs
    // First, so that whoever puts a call into the list after it was looked at finds this.
    await untilUnchanged(async () => {
      const key = forgottenKey(sessionId)
      const [was] = await storage.read([key])
      return (await storage.swap({ key, was, value: FORGOTTEN, until })) || 'changed'
    })
    return forgetListed(sessionId)
  }

  async function isForgottenSession(sessionId: string): Promise<boolean> {
    const [kept] = await storage.read([forgottenKey(sessionId)])
    return kept !== undefined
  }

  async function forgetListed(sessionId: string): Promise<number> {
    let count = 0
    for (;;) {
      const entries = await storage.entries(callsOf(sessionId), { order: 'oldest first', limit: LIST_STEP })
      if (entries.length === 0) return count
      const forgotten = await Promise.all(entries.map((entry) => untilUnchanged(() => forgetCall(entry))))
      count += forgotten.filter(Boolean).length
      await storage.delist(ALL_CALLS, entries)
      await storage.delist(callsOf(sessionId), entries)
    }
  }

  /** Whether there was one. What is still told of it, or just being written, is not to bring it back. */
  async function forgetCall({ id, at }: Entry): Promise<boolean | 'changed'> {
    const key = callKey(id)
    const [was] = await storage.read([key])
    if (isForgotten(was)) return false
    await doom(id, factsIn(was))
    const until = was ? AS_BEFORE : at + retentionMs
    return (await storage.swap({ key, was, value: FORGOTTEN, until })) ? was !== undefined : 'changed'
  }

  /** With what is forgotten nobody could delete its recordings any more. */
  async function doom(callId: string, facts: CallFacts | undefined): Promise<void> {
    for (const [recordingId, { deletedAt }] of Object.entries(facts?.recordings ?? {})) {
      if (deletedAt !== undefined) continue
      const entry = recordedEntry({ callId, recordingId }, AT_ONCE)
      await storage.enlist(RECORDED, entry, Number.POSITIVE_INFINITY)
    }
  }

  /** A bad record must not hide the others. */
  function factsIn(kept: Kept | undefined): RecordedFacts | undefined {
    if (kept?.unreadable) onUnreadable(kept.unreadable)
    if (!kept || kept.unreadable || isForgotten(kept)) return undefined
    return kept.value as RecordedFacts
  }
}

type Filter = Pick<CallQuery, 'sessionId' | 'outcome' | 'state'>

/** The shortest list that has all calls that are asked for. */
function listOf({ sessionId, state }: Filter): Key {
  if (sessionId !== undefined) return callsOf(sessionId)
  return state === 'in_progress' ? ONGOING : ALL_CALLS
}

function isAsked(facts: CallFacts, { outcome, state }: Filter): boolean {
  if (outcome === undefined && state === undefined) return true
  const summary = summaryOf(facts)
  return (!outcome || summary.outcome === outcome) && (!state || stateOf(summary) === state)
}

/** Whether its recording has to come now. */
function isAwaited(facts: CallFacts): boolean {
  return facts.recordingAsked === true && hasEnded(facts)
}

/** Says that the calls of a session are forgotten. No call has an id like that of a session. */
function forgottenKey(sessionId: string): Key {
  return { kind: CALL_KIND, id: sessionId }
}

/** Stands where the record of a call was, for as long as that would have. */
const FORGOTTEN = { forgotten: true }

/** Whether a call is forgotten for good. */
export function isForgotten(kept: KeptValue | undefined): boolean {
  return typeof kept?.value === 'object' && kept.value !== null && 'forgotten' in kept.value
}

interface Listed {
  begun: Begun | undefined
}
