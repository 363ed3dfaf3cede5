import { statusOf } from '../../masking/session.js'
import { newSessionId } from '../../masking/session-id.js'
import { type SessionDraft, StoreUnavailableError } from '../../masking/session-store.js'
import type { Link } from './link.js'
import type { StoredSession } from './records.js'
import type { ScriptedClient } from './scripts.js'
import type { Vault } from './vault.js'

/** Milliseconds within which a request that reserved a key may still write its session. */
export const RESERVATION_MS = 10_000
const KEY_PREFIX = 'callmask:2:key:'
const MAX_ATTEMPTS = 5

/** What the keys of a request lead to. */
export type Reserved =
  | { readonly kind: 'existing'; readonly stored: StoredSession }
  | { readonly kind: 'conflict' }
  /** The id under which the session is to be written, also by a retry that runs at the same time. */
  | { readonly kind: 'new'; readonly id: string; readonly cancel: () => Promise<void> }

export interface Reservations {
  reserve(draft: SessionDraft, forgetAt: number): Promise<Reserved>
  /** The keys of a request, as they are written. What a client chose is not kept as it is. */
  keysOf(draft: SessionDraft): string[]
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
  /** Sees to it that a session is never written. False when it is there already. */
  readonly abort: (sessionId: string) => Promise<boolean>
  /** Milliseconds after which even the longest session is forgotten. */
  readonly longestMs: number
}

/** What a key leads to: `session|fingerprint|when`. */
interface Lead {
  readonly id: string
  readonly isSameRequest: boolean
  /** The request that wrote it may still be about to write its session. */
  readonly isYoung: boolean
  readonly stored: StoredSession | undefined
}

/** What an external id or an idempotency key was seen to lead to. While keys are rotated it may have several names. */
interface Seen {
  /** The name that is written, and what stood there. */
  readonly key: string
  readonly text: string | null
  /** The session that it leads to. */
  readonly id: string | undefined
  /** The names under older keys of the vault, and what stood there. */
  readonly elsewhere: ReadonlyMap<string, string | null>
  /** Where all of them lead. */
  readonly leads: readonly Lead[]
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
  abort,
  longestMs,
}: ReservationsOptions): Reservations {
  const ask = <Reply>(question: (client: ScriptedClient) => Promise<Reply>) =>
    link.ask((client) => question(client as ScriptedClient))

  async function look(names: Names | undefined, draft: SessionDraft): Promise<Seen | undefined> {
    if (names === undefined) return undefined
    const [[text, lead], ...older] = (await Promise.all(
      names.map(async (name) => {
        const text = await ask((client) => client.get(KEY_PREFIX + name))
        return [text, text === null ? undefined : await follow(text, draft)] as const
      }),
    )) as [readonly [string | null, Lead | undefined], ...(readonly [string | null, Lead | undefined])[]]
    return {
      key: names[0],
      text,
      id: lead?.id,
      elsewhere: new Map(older.map(([text], i) => [names[i + 1] as string, text])),
      leads: [lead, ...older.map(([, lead]) => lead)].filter((lead) => lead !== undefined),
    }
  }

  async function follow(text: string, draft: SessionDraft): Promise<Lead> {
    const [id = '', fingerprint = '', at] = text.split('|')
    const stored = await read(id)
    return {
      id,
      // What is sealed counts: whoever can write the store could let a key lead to somebody else's session.
      isSameRequest: stored
        ? stored.fingerprint === draft.fingerprint
        : fingerprintsOf(draft).includes(fingerprint),
      isYoung: !stored && now() < Number(at) + RESERVATION_MS,
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
    const [keyed, named] = await Promise.all([
      look(idempotencyNames(draft), draft),
      look(externalNames(draft), draft),
    ])
    if (disagree(keyed) || disagree(named)) return again()
    const known = keyed?.leads.find(({ stored, isYoung }) => stored || isYoung)
    if (known && !known.isSameRequest) return { kind: 'conflict' }
    if (known?.stored) return { kind: 'existing', stored: known.stored }

    const textOf = (id: string) => `${id}|${fingerprintsOf(draft)[0]}|${now()}`
    const isOpen = ({ stored }: Lead) => stored !== undefined && statusOf(stored.session, now()) === 'open'
    const holder = named?.leads.find(isOpen)
    const young = named?.leads.find(({ isYoung }) => isYoung)
    const owner = holder ?? young
    if (owner && !owner.isSameRequest) return { kind: 'conflict' }
    if (holder?.stored) {
      // The key now belongs to the session too, or a retry after its end would open another one.
      if (keyed && !(await point(keyed, textOf(holder.id), now() + longestMs))) return again()
      return { kind: 'existing', stored: holder.stored }
    }

    // Buried, so that no two sessions of one name are ever open.
    for (const { id, stored } of named?.leads ?? []) if (stored && !(await bury(id))) return again()
    const id = young?.id ?? known?.id ?? newSessionId()
    const text = textOf(id)
    const written: string[] = []
    // The external id first: a request that loses it must not have taken the idempotency key for another session.
    for (const seen of [named, keyed]) {
      if (!seen || seen.id === id) continue
      if (!(await point(seen, text, forgetAt))) return again()
      written.unshift(seen.key)
    }
    for (const seen of [named, keyed]) {
      if (!seen || !(await isTakenElsewhere(seen, id))) continue
      // Others may have seen what we wrote, and be about to write this session too.
      if (await abort(id)) await cancel(written, text)
      return again()
    }
    return { kind: 'new', id, cancel: () => cancel(written, text) }
  }

  /** Whoever writes under another key at the same moment sees what we wrote, or we see what they did: then both choose again. */
  async function isTakenElsewhere({ elsewhere }: Seen, id: string): Promise<boolean> {
    for (const [name, before] of elsewhere) {
      const text = await ask((client) => client.get(KEY_PREFIX + name))
      if (text !== null && text !== before && !text.startsWith(`${id}|`)) return true
    }
    return false
  }

  function externalNames({ externalId }: SessionDraft): Names | undefined {
    return externalId === undefined ? undefined : vault.namesOf(externalId, 'external id')
  }

  function idempotencyNames({ idempotencyKey }: SessionDraft): Names | undefined {
    return idempotencyKey === undefined ? undefined : vault.namesOf(idempotencyKey, 'idempotency key')
  }

  function fingerprintsOf({ fingerprint }: SessionDraft): Names {
    return vault.namesOf(fingerprint, 'fingerprint')
  }

  /** Frees the keys that still hold what this request wrote. */
  async function cancel(keys: readonly string[], text: string): Promise<void> {
    for (const key of keys) await ask((client) => client.cmSwap(KEY_PREFIX + key, text, '', 0))
  }

  return {
    reserve,
    keysOf: (draft) => [externalNames(draft), idempotencyNames(draft)].flatMap((names) => names?.[0] ?? []),
    async keep(keys, forgetAt) {
      await Promise.all(
        keys.map((key) => ask((client) => client.pexpireat(KEY_PREFIX + key, forgetAt, 'GT'))),
      )
    },
  }
}

/** Whether two may be about to write a session each, under one key of the vault each. Who is first will be seen. */
function disagree(seen: Seen | undefined): boolean {
  const [first, ...others] = (seen?.leads ?? []).filter(({ isYoung }) => isYoung)
  return others.some(({ id }) => id !== first?.id)
}

/** What a text is called in the store, under each key of the vault, the one to write first. */
type Names = readonly [string, ...string[]]
