import { createHash } from 'node:crypto'
import { statusOf } from '../../masking/session.js'
import { newSessionId } from '../../masking/session-id.js'
import { type SessionDraft, StoreUnavailableError } from '../../masking/session-store.js'
import type { Link } from './link.js'
import type { StoredSession } from './records.js'
import type { ScriptedClient } from './scripts.js'
import type { Vault } from './vault.js'

/** Milliseconds within which a request that reserved a key may still write its session. */
export const RESERVATION_MS = 10_000
const KEY_PREFIX = 'callmask:key:'
const MAX_ATTEMPTS = 5

/** What the keys of a request lead to. */
export type Reserved =
  | { readonly kind: 'existing'; readonly stored: StoredSession }
  | { readonly kind: 'conflict' }
  /** The id under which the session is to be written, also by a retry that runs at the same time. */
  | { readonly kind: 'new'; readonly id: string; readonly cancel: () => Promise<void> }

export interface Reservations {
  reserve(draft: SessionDraft, forgetAt: number): Promise<Reserved>
  /** Keeps the keys as long as a session that was prolonged. */
  keep(keys: readonly string[], forgetAt: number): Promise<void>
}

export interface ReservationsOptions {
  readonly link: Link
  readonly vault: Vault
  readonly now: () => number
  readonly read: (sessionId: string) => Promise<StoredSession | undefined>
  /** Ends an expired session for good, whatever the clock of another instance says. False when it is open. */
  readonly bury: (sessionId: string) => Promise<boolean>
  /** Milliseconds after which even the longest session is forgotten. */
  readonly longestMs: number
}

/** What a key leads to: `session|fingerprint|when`. */
interface Seen {
  readonly key: string
  readonly text: string | null
  readonly id: string
  readonly isSameRequest: boolean
  /** The request that wrote it may still be about to write its session. */
  readonly isYoung: boolean
  readonly stored: StoredSession | undefined
}

/**
 * External ids and idempotency keys: each leads to one session, and is taken before the session is written. An
 * idempotency key keeps its session for as long as that is remembered, an external id while it is open.
 */
export function createReservations({
  link,
  vault,
  now,
  read,
  bury,
  longestMs,
}: ReservationsOptions): Reservations {
  const ask = <Reply>(question: (client: ScriptedClient) => Promise<Reply>) =>
    link.ask((client) => question(client as ScriptedClient))

  async function look(
    key: string | undefined,
    fingerprints: readonly string[],
    asked: string,
  ): Promise<Seen | undefined> {
    if (key === undefined) return undefined
    const text = await ask((client) => client.get(KEY_PREFIX + key))
    const [id = '', fingerprint = '', at] = text?.split('|') ?? []
    const stored = text === null ? undefined : await read(id)
    return {
      key,
      text,
      id,
      // What is sealed counts: whoever can write the store could let a key lead to somebody else's session.
      isSameRequest: stored ? stored.fingerprint === asked : fingerprints.includes(fingerprint),
      isYoung: text !== null && !stored && now() < Number(at) + RESERVATION_MS,
      stored,
    }
  }

  /** Points a key somewhere else by compare-and-set: only if it is still as it was seen. */
  async function point({ key, text }: Seen, to: string, forgetAt: number): Promise<boolean> {
    const written = await ask((client) =>
      text === null
        ? client.set(KEY_PREFIX + key, to, 'PXAT', forgetAt, 'NX')
        : client.cmSwap(KEY_PREFIX + key, text, to, forgetAt),
    )
    return Boolean(written)
  }

  async function reserve(draft: SessionDraft, forgetAt: number, attempt = 1): Promise<Reserved> {
    if (attempt > MAX_ATTEMPTS) throw new StoreUnavailableError()
    // Another request was faster: reading again shows what it wrote, and what we did.
    const again = () => reserve(draft, forgetAt, attempt + 1)
    const fingerprints = vault.namesOf(draft.fingerprint)
    const [keyed, named] = await Promise.all([
      look(idempotencyKey(draft), fingerprints, draft.fingerprint),
      look(externalKey(draft), fingerprints, draft.fingerprint),
    ])
    if (keyed && (keyed.stored || keyed.isYoung) && !keyed.isSameRequest) return { kind: 'conflict' }
    if (keyed?.stored) return { kind: 'existing', stored: keyed.stored }

    const textOf = (id: string) => `${id}|${fingerprints[0]}|${now()}`
    const holder =
      named?.stored && statusOf(named.stored.session, now()) === 'open' ? named.stored : undefined
    if (named && (holder || named.isYoung) && !named.isSameRequest) return { kind: 'conflict' }
    if (named && holder) {
      // The key now belongs to the session too, or a retry after its end would open another one.
      if (keyed && !(await point(keyed, textOf(named.id), now() + longestMs))) return again()
      return { kind: 'existing', stored: holder }
    }

    // Buried, so that no two sessions of one name are ever open.
    if (named?.stored && !(await bury(named.id))) return again()
    const id = [named, keyed].find((seen) => seen?.isYoung)?.id ?? newSessionId()
    const text = textOf(id)
    const written: string[] = []
    // The external id first: a request that loses it must not have taken the idempotency key for another session.
    for (const seen of [named, keyed]) {
      if (!seen || seen.id === id) continue
      if (!(await point(seen, text, forgetAt))) return again()
      written.unshift(seen.key)
    }
    return { kind: 'new', id, cancel: () => cancel(written, text) }
  }

  /** Frees the keys that still hold what this request wrote. */
  async function cancel(keys: readonly string[], text: string): Promise<void> {
    for (const key of keys) await ask((client) => client.cmSwap(KEY_PREFIX + key, text, '', 0))
  }

  return {
    reserve,
    async keep(keys, forgetAt) {
      await Promise.all(
        keys.map((key) => ask((client) => client.pexpireat(KEY_PREFIX + key, forgetAt, 'GT'))),
      )
    },
  }
}

/** The keys of a request. What a client chose is not kept in plain text. */
export function keysOf(draft: SessionDraft): string[] {
  return [externalKey(draft), idempotencyKey(draft)].filter((key) => key !== undefined)
}

/** What an external id is called in the store. */
export function externalIdKey(externalId: string): string {
  return digest(`e:${externalId}`)
}

function externalKey({ externalId }: SessionDraft): string | undefined {
  return externalId === undefined ? undefined : externalIdKey(externalId)
}

function idempotencyKey({ idempotencyKey: key }: SessionDraft): string | undefined {
  return key === undefined ? undefined : digest(`i:${key}`)
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('base64url')
}
