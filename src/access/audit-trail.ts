import { hash, randomUUID } from 'node:crypto'
import { VERSION } from '../package-file.js'

/** Where the lines go. It never throws and never makes anybody wait; what it drops shows as a gap in the chain. */
export interface AuditSink {
  /** @param line with its line break */
  write(line: string): void
}

/** What can happen. */
export const AUDIT_EVENTS = [
  'start',
  'request',
  'wrong_key',
  'expired_key',
  'revoked_key',
  'rate_limited',
  'key_created',
  'key_revoked',
  'webhook_created',
  'webhook_changed',
  'webhook_removed',
  'webhook_secret_rotated',
  'signed_in',
  'sign_in_refused',
  'signed_out',
  'sign_ins_ended',
  'end',
] as const

/** What happened. */
export type AuditEvent = (typeof AUDIT_EVENTS)[number]

/** What is told of it. Nothing here comes from a body, a path or a query, where a number may stand. */
export interface AuditFacts {
  /** The name of the key. */
  readonly key?: string | undefined
  /** The address that asked. */
  readonly source?: string | undefined
  /** The operationId. */
  readonly operation?: string | undefined
  /** The id of a session that is there, never what a request calls one. */
  readonly session?: string | undefined
  /** The key that was made or revoked, the name whose sign-ins were ended, or the endpoint. */
  readonly target?: string | undefined
  readonly status?: number | undefined
  /** The code of the problem that was the answer. */
  readonly code?: string | undefined
  readonly request?: string | undefined
  /** How many of the kind this one line stands for. */
  readonly count?: number | undefined
  readonly version?: string | undefined
}

export interface AuditTrail {
  add(event: AuditEvent, facts: AuditFacts): void
  /** The last line: without it, a chain goes on or was cut off. */
  end(): void
}

/** The hash before the first line of a chain. */
export const NO_LINE = ''

/**
 * Writes lines, each with the hash of the one before it, so that a line that is changed, removed or moved shows. Every
 * instance has a chain of its own, which begins with a line `start`: so several can share a file.
 */
export function createAuditTrail(
  sink: AuditSink,
  now: () => number,
  chain: string = randomUUID(),
): AuditTrail {
  let n = 0
  let prev = NO_LINE
  add('start', { version: VERSION })
  return { add, end: () => add('end', {}) }

  function add(event: AuditEvent, facts: AuditFacts): void {
    const body = { audit: true, chain, n, time: new Date(now()).toISOString(), event, ...facts, prev }
    const text = JSON.stringify(body).slice(0, -1)
    prev = hashOfLine(text)
    n += 1
    sink.write(`${text},"hash":"${prev}"}\n`)
  }
}

/** @param text the line up to its hash */
export function hashOfLine(text: string): string {
  return hash('sha256', text, 'base64url')
}
