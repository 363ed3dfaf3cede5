import type { SessionRecord } from './record.js'

/** What happens to a session that is told of. */
export const SESSION_NEWS = ['opened', 'changed', 'closed', 'expiring', 'expired'] as const
export type SessionNewsKind = (typeof SESSION_NEWS)[number]

/** What can be changed of a session. */
export type ChangedPart = 'expires_at' | 'participants.0' | 'participants.1' | 'call'

/** Something that happened to a session. */
export interface SessionNews {
  readonly kind: SessionNewsKind
  /** Its number among all that happened to the session, from 1. */
  readonly n: number
  /** Milliseconds since 1970. */
  readonly at: number
  /** The end of the session, as it is from then on. */
  readonly expiresAt: number
  readonly changed?: readonly ChangedPart[] | undefined
}

/** What is told of a session. It is written with what it tells of. */
export interface Telling {
  /** How much has happened so far. */
  readonly count: number
  /** What is not in the outbox yet, the oldest first. */
  readonly pending: readonly SessionNews[]
  /** That it ended was told, or is about to be. */
  readonly isEndTold: boolean
  /** The end of which was told that it is near. */
  readonly nearTold?: number | undefined
}

/** How much of one session waits for the outbox at most. Further changes are told as one. */
export const MAX_PENDING_NEWS = 50

const NOTHING_TOLD: Telling = { count: 0, pending: [], isEndTold: false }

/** A record that also says what happens to it. */
export function withNews(
  record: SessionRecord,
  { kind, at, changed }: Pick<SessionNews, 'kind' | 'at' | 'changed'>,
): SessionRecord {
  const { count, pending, isEndTold, nearTold } = record.telling ?? NOTHING_TOLD
  const { expiresAt } = record.session
  const near = kind === 'expiring' ? expiresAt : nearTold
  const news: SessionNews = { kind, n: count + 1, at, expiresAt, ...(changed && { changed }) }
  return {
    ...record,
    telling: {
      count: count + 1,
      pending: joined(pending, news),
      isEndTold: isEndTold || kind === 'closed' || kind === 'expired',
      ...(near !== undefined && { nearTold: near }),
    },
  }
}

/** The same record, of which it need not be told that its end is near. */
export function withNearTold(record: SessionRecord): SessionRecord {
  const { telling = NOTHING_TOLD, session } = record
  return { ...record, telling: { ...telling, nearTold: session.expiresAt } }
}

/** The same record, once all that it has to tell is in the outbox. */
export function withoutNews(record: SessionRecord): SessionRecord {
  return record.telling ? { ...record, telling: { ...record.telling, pending: [] } } : record
}

/** What it has to tell, the oldest first. */
export function newsOf({ telling = NOTHING_TOLD }: SessionRecord): readonly SessionNews[] {
  return telling.pending
}

function joined(pending: readonly SessionNews[], news: SessionNews): readonly SessionNews[] {
  const last = pending.at(-1)
  if (pending.length < MAX_PENDING_NEWS || last?.kind !== 'changed' || news.kind !== 'changed')
    return [...pending, news]
  const changed = [...new Set([last, news].flatMap(({ changed = [] }) => changed))]
  return [...pending.slice(0, -1), { ...news, changed }]
}
