import type { Static } from '@sinclair/typebox'
import {
  type ChangedNumbersView,
  MAX_NEW_NUMBERS,
  type NumberView,
  type PoolView,
} from '../api/number-schemas.js'
import { type ApiOptions, showReply } from './api.js'
import { type ExitCode, type Io, UsageError } from './io.js'
import { labelled, table } from './layout.js'

export interface AddOptions extends ApiOptions {
  readonly label?: string
}

/** Milliseconds that the service may take to look through all sessions. */
const REMOVAL_PATIENCE_MS = 120_000

/** Shows the pool of a running instance, and how full it was. */
export function showPool(io: Io, options: ApiOptions): Promise<ExitCode> {
  return showReply(io, options, { method: 'GET', path: '/numbers' }, poolLines)
}

/** Puts numbers into the pool. Those that are there stay as they are. */
export function addNumbers(io: Io, numbers: readonly string[], options: AddOptions): Promise<ExitCode> {
  if (numbers.length > MAX_NEW_NUMBERS) {
    throw new UsageError(`too many numbers: give at most ${MAX_NEW_NUMBERS} at once`)
  }
  const { label } = options
  const body = { numbers: numbers.map((number) => ({ number, label })) }
  return showReply(io, options, { method: 'POST', path: '/numbers', body }, numbersLines)
}

/** Lets a number be given to no new session. */
export function drainNumber(io: Io, number: string, options: ApiOptions): Promise<ExitCode> {
  return setState(io, number, 'draining', options)
}

/** Lets a number be given to new sessions again. */
export function activateNumber(io: Io, number: string, options: ApiOptions): Promise<ExitCode> {
  return setState(io, number, 'active', options)
}

/** Takes a number out of the pool, once nobody can need it. */
export function removeNumber(io: Io, number: string, options: ApiOptions): Promise<ExitCode> {
  const request = { method: 'DELETE', path: pathOf(number), patienceMs: REMOVAL_PATIENCE_MS } as const
  return showReply(io, options, request, numberLines)
}

function setState(
  io: Io,
  number: string,
  state: NumberView['state'],
  options: ApiOptions,
): Promise<ExitCode> {
  return showReply(io, options, { method: 'PUT', path: pathOf(number), body: { state } }, numberLines)
}

function pathOf(number: string): string {
  return `/numbers/${encodeURIComponent(number)}`
}

function numberLines({ number, state, country, label, draining_since }: NumberView): string[] {
  return labelled({ number, state, country, label, draining: draining_since })
}

function numbersLines({ numbers }: Static<typeof ChangedNumbersView>): string[] {
  const rows = numbers.map(({ number, state, country, label = '-' }) => [number, state, country, label])
  return table(['NUMBER', 'STATE', 'COUNTRY', 'LABEL'], rows)
}

function poolLines({ numbers, head_room, counted_at }: PoolView): string[] {
  const rows = numbers.map(({ number, state, country, open_legs, label }) => [
    number,
    state,
    country,
    String(open_legs ?? '?'),
    label ?? '-',
  ])
  const counted =
    counted_at === null ? 'The legs are not counted yet.' : `Head-room ${head_room}, as of ${counted_at}.`
  return [...table(['NUMBER', 'STATE', 'COUNTRY', 'OPEN LEGS', 'LABEL'], rows), '', counted]
}
