import type { Static } from '@sinclair/typebox'
import type { SessionPageView, SessionView } from '../api/session-schemas.js'
import { type ApiOptions, showReply } from './api.js'
import { withInput } from './input.js'
import type { ExitCode, Io } from './io.js'
import { labelled, table } from './layout.js'

export interface CreateOptions extends ApiOptions {
  readonly first: string
  readonly second: string
  /** Seconds. */
  readonly expiresIn?: number
  readonly externalId?: string
  readonly allowShortRest?: boolean
}

export interface ListOptions extends ApiOptions {
  readonly externalId?: string
  readonly status?: string
  readonly cursor?: string
  readonly limit?: number
}

/** Opens a session for two people. */
export async function createSession(io: Io, options: CreateOptions): Promise<ExitCode> {
  const { first, second } = await withInput(io, options, ['first', 'second'])
  const { expiresIn, externalId, allowShortRest } = options
  const body = {
    participants: [{ number: first }, { number: second }],
    expires_in: expiresIn,
    external_id: externalId,
    allow_short_rest: allowShortRest,
  }
  return showReply(io, options, { method: 'POST', path: '/sessions', body }, sessionLines)
}

/** Lists one page of sessions, the newest first. */
export function listSessions(io: Io, options: ListOptions): Promise<ExitCode> {
  const { externalId, status, cursor, limit } = options
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries({ external_id: externalId, status, cursor, limit })) {
    if (value !== undefined) query.set(name, String(value))
  }
  return showReply(io, options, { method: 'GET', path: `/sessions?${query}` }, pageLines)
}

export function showSession(io: Io, id: string, options: ApiOptions): Promise<ExitCode> {
  return showReply(io, options, { method: 'GET', path: pathOf(id) }, sessionLines)
}

/** Ends a session now. Idempotent. */
export function closeSession(io: Io, id: string, options: ApiOptions): Promise<ExitCode> {
  return showReply(io, options, { method: 'POST', path: `${pathOf(id)}/close` }, sessionLines)
}

function pathOf(id: string): string {
  return `/sessions/${encodeURIComponent(id)}`
}

type ParticipantView = SessionView['participants'][number]

function sessionLines(session: SessionView): string[] {
  const [first, second] = session.participants as [ParticipantView, ParticipantView]
  return labelled({
    session: session.id,
    status: session.status,
    first: participantText(first),
    second: participantText(second),
    expires: session.expires_at,
    closed: session.closed_at,
    external: session.external_id,
  })
}

function participantText({ hint, masking_number, rested_for }: ParticipantView): string {
  const rested = rested_for === undefined ? '' : `, which rested for ${rested_for} s`
  return `${hint} dials ${masking_number}${rested}`
}

function pageLines({ sessions, next_cursor }: Static<typeof SessionPageView>): string[] {
  const rows = sessions.map(({ id, status, participants, expires_at, external_id }) => [
    id,
    status,
    ...participants.map(({ hint, masking_number }) => `${hint} ${masking_number}`),
    expires_at,
    external_id ?? '-',
  ])
  const more = next_cursor === null ? [] : [`There are more: --cursor ${next_cursor}`]
  return [...table(['SESSION', 'STATUS', 'FIRST', 'SECOND', 'EXPIRES', 'EXTERNAL ID'], rows), ...more]
}
