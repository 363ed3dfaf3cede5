import type { Static } from '@sinclair/typebox'
import type { ClosedView } from '../api/close-schemas.js'
import type { FoundSessionsView } from '../api/person-schemas.js'
import type { SessionPageView, SessionView } from '../api/session-schemas.js'
import { type ApiOptions, showReply } from './api.js'
import { numberFromInput, withInput } from './input.js'
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
  readonly from?: string
  readonly to?: string
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
  const { externalId, status, from, to, cursor, limit } = options
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries({ external_id: externalId, status, from, to, cursor, limit })) {
    if (value !== undefined) query.set(name, String(value))
  }
  return showReply(io, options, { method: 'GET', path: `/sessions?${query}` }, pageLines)
}

export interface SearchOptions extends ApiOptions {
  readonly limit?: number
}

/** Lists the sessions of the person whose number comes on the standard input, the newest first. */
export async function searchSessions(io: Io, options: SearchOptions): Promise<ExitCode> {
  const body = { number: await numberFromInput(io), limit: options.limit }
  return showReply(io, options, { method: 'POST', path: '/sessions/search', body }, foundLines)
}

export function showSession(io: Io, id: string, options: ApiOptions): Promise<ExitCode> {
  return showReply(io, options, { method: 'GET', path: pathOf(id) }, sessionLines)
}

export interface CloseOptions extends ApiOptions {
  readonly hangUp?: boolean
}

/** Ends a session now, and its calls if that is asked for. Idempotent. */
export function closeSession(io: Io, id: string, options: CloseOptions): Promise<ExitCode> {
  const body = options.hangUp ? { body: { hang_up: true } } : {}
  return showReply(io, options, { method: 'POST', path: `${pathOf(id)}/close`, ...body }, closedLines)
}

function closedLines(session: ClosedView): string[] {
  const { calls_ended: ended } = session
  return [
    ...sessionLines(session),
    ...labelled({ ended: ended === undefined ? undefined : `${ended} calls` }),
  ]
}

function pathOf(id: string): string {
  return `/sessions/${encodeURIComponent(id)}`
}

type ParticipantView = SessionView['participants'][number] & { readonly pin?: string }

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

function participantText({ hint, masking_number, rested_for, pin_only, pin }: ParticipantView): string {
  const rested = rested_for === undefined ? '' : `, which rested for ${rested_for} s`
  const how = pin_only ? ', and is connected by PIN alone' : ''
  // It is shown this once.
  const secret = pin === undefined ? '' : `; PIN ${pin}`
  return `${hint} dials ${masking_number}${rested}${how}${secret}`
}

const HEADER = ['SESSION', 'STATUS', 'FIRST', 'SECOND', 'EXPIRES', 'EXTERNAL ID']

function rowOf({ id, status, participants, expires_at, external_id }: SessionView): string[] {
  return [
    id,
    status,
    ...participants.map(({ hint, masking_number }) => `${hint} ${masking_number}`),
    expires_at,
    external_id ?? '-',
  ]
}

function pageLines({ sessions, next_cursor }: Static<typeof SessionPageView>): string[] {
  const more = next_cursor === null ? [] : [`There are more: --cursor ${next_cursor}`]
  return [...table(HEADER, sessions.map(rowOf)), ...more]
}

const SIDES = ['first', 'second']

function foundLines({ sessions, more }: FoundSessionsView): string[] {
  const rows = sessions.map((session) => [
    ...rowOf(session),
    session.participant === null ? 'was replaced' : String(SIDES[session.participant]),
  ])
  return [...table([...HEADER, 'PERSON'], rows), ...(more ? ['There are older ones.'] : [])]
}
