import { AUDIT_EVENTS, type AuditEvent, type AuditFacts, hashOfLine } from './audit-trail.js'

/** What a line of the audit trail tells. */
export interface AuditEntry extends Omit<AuditFacts, 'version'> {
  /** Milliseconds since 1970. */
  readonly at: number
  readonly event: AuditEvent
}

const HASHED = /^(\{"audit":true,.*),"hash":"([\w-]{43})"\}$/

/** Reads a line as it was written; undefined for any other, and for one that was changed or cut off. */
export function readAuditLine(text: string): AuditEntry | undefined {
  const [, hashed, hash] = HASHED.exec(text) ?? []
  if (hashed === undefined || hashOfLine(hashed) !== hash) return undefined
  const line = parsed(`${hashed}}`)
  const at = Date.parse(String(line.time))
  const event = AUDIT_EVENTS.find((known) => known === line.event)
  if (Number.isNaN(at) || event === undefined) return undefined
  return {
    at,
    event,
    key: textOf(line.key),
    source: textOf(line.source),
    operation: textOf(line.operation),
    session: textOf(line.session),
    target: textOf(line.target),
    status: numberOf(line.status),
    code: textOf(line.code),
    request: textOf(line.request),
    count: numberOf(line.count),
  }
}

/** Whoever can write to the file can make a hash that is right, too. */
function parsed(text: string): Readonly<Record<string, unknown>> {
  try {
    return JSON.parse(text)
  } catch {
    return {}
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isInteger(value) ? value : undefined
}
