import { createHash } from 'node:crypto'
import { newSessionId } from '../../masking/session-id.js'
import { type SessionDraft, StoreUnavailableError } from '../../masking/session-store.js'
import type { Link } from './link.js'
import type { StoredSession } from './records.js'
import type { ScriptedClient } from './scripts.js'
import type { Vault } from './vault.js'

/** Milliseconds in which whoever reserved a key may still be about to write its session. */
export const RESERVATION_MS = 10_000
const KEY_PREFIX = 'callmask:key:'
const MAX_ATTEMPTS = 5

/** What stands under the keys of a request. */
export type Reserved =
  | { readonly kind: 'existing'; readonly stored: StoredSession }
  | { readonly kind: 'conflict' }
  /** The id under which the session is to be written, also by whoever asks for the same at the same time. */
  | { readonly kind: 'new'; readonly id: string; readonly cancel: () => Promise<void> }

export interface Reservations {
  reserve(draft: SessionDraft, forgetAt: number): Promise<Reserved>
  /** The id of the session with this external id. */
  find(externalId: string): Promise<string | undefined>
  /** Keeps the keys of a session that lasts longer now. */
  keep(keys: readonly string[], forgetAt: number): Promise<void>
}

export interface ReservationsOptions {
  readonly link: Link
  readonly vault: Vault
  readonly now: () => number
  readonly read: (sessionId: string) => Promise<StoredSession | undefined>
}

/** What a key leads to: `session|fingerprint|when`. */
interface Seen {
  readonly key: string
  readonly text: string | null
  readonly id: string
  readonly isSameRequest: boolean
  readonly isYoung: boolean
  readonly stored: StoredSession | undefined
}

/** External ids and idempotency keys: each leads to one session, and is taken before that is written. */
export function createReservations({ link, vault, now, read }: ReservationsOptions): Reservations {
  const ask = <Reply>(question: (client: ScriptedClient) => Promise<Reply>) =>
    link.ask((client) => question(client as ScriptedClient))

  async function look(key: string, fingerprints: readonly string[]): Promise<Seen> {
    const text = await ask((client) => client.get(KEY_PREFIX + key))
    const [id = '', fingerprint = '', at] = text?.split('|') ?? []
    return {
      key,
      text,
      id,
      isSameRequest: fingerprints.includes(fingerprint),
      isYoung: text !== null && now() < Number(at) + RESERVATION_MS,
      stored: text === null ? undefined : await read(id),
    }
  }

  async function reserve(draft: SessionDraft, forgetAt: number, attempt = 1): Promise<Reserved> {
    if (attempt > MAX_ATTEMPTS) throw new StoreUnavailableError()
    const fingerprints = vault.namesOf(draft.fingerprint)
    const seen = await Promise.all(keysOf(draft).map((key) => look(key, fingerprints)))
    const taken = seen.filter(({ stored, isYoung }) => stored || isYoung)
    const ids = new Set(taken.map(({ id }) => id))
    if (ids.size > 1 || taken.some(({ isSameRequest }) => !isSameRequest)) return { kind: 'conflict' }
    const stored = taken.find((reservation) => reservation.stored)?.stored
    if (stored) return { kind: 'existing', stored }

    const [id = newSessionId()] = ids
    const text = `${id}|${fingerprints[0]}|${now()}`
    const missing = seen.filter((reservation) => !taken.includes(reservation))
    const written = await Promise.all(
      missing.map((reservation) =>
        reservation.text === null
          ? ask((client) => client.set(KEY_PREFIX + reservation.key, text, 'PXAT', forgetAt, 'NX'))
          : ask((client) =>
              client.cmSwap(KEY_PREFIX + reservation.key, String(reservation.text), text, forgetAt),
            ),
      ),
    )
    // Somebody was faster: what they wrote, and what we did, is there to be seen now.
    if (!written.every(Boolean)) return reserve(draft, forgetAt, attempt + 1)
    const cancel = async () => {
      await Promise.all(
        missing.map(({ key }) => ask((client) => client.cmSwap(KEY_PREFIX + key, text, '', 0))),
      )
    }
    return { kind: 'new', id, cancel }
  }

  return {
    reserve,
    async find(externalId) {
      const text = await ask((client) => client.get(KEY_PREFIX + externalKey(externalId)))
      return text?.split('|')[0]
    },
    async keep(keys, forgetAt) {
      await Promise.all(
        keys.map((key) => ask((client) => client.pexpireat(KEY_PREFIX + key, forgetAt, 'GT'))),
      )
    },
  }
}

/** The keys of a request. What a client chose is not kept as it is. */
export function keysOf({ externalId, idempotencyKey }: SessionDraft): string[] {
  return [
    ...(externalId === undefined ? [] : [externalKey(externalId)]),
    ...(idempotencyKey === undefined ? [] : [digest(`i:${idempotencyKey}`)]),
  ]
}

function externalKey(externalId: string): string {
  return digest(`e:${externalId}`)
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('base64url')
}
