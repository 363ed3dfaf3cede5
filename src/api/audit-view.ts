import type { AuditEntry } from '../access/audit-entry.js'
import type { AuditPage } from '../access/audit-reader.js'
import type { AuditEntryView, AuditPageView } from './audit-schemas.js'

/** A page of the audit trail as the API shows it. */
export function auditPageView({ covers, entries, next }: AuditPage): AuditPageView {
  return { covers, entries: entries.map(entryView), next_cursor: next ?? null }
}

function entryView({ at, event, ...facts }: AuditEntry): AuditEntryView {
  return {
    time: new Date(at).toISOString(),
    event,
    key: facts.key ?? null,
    source: facts.source ?? null,
    operation: facts.operation ?? null,
    session: facts.session ?? null,
    target: facts.target ?? null,
    status: facts.status ?? null,
    code: facts.code ?? null,
    request: facts.request ?? null,
    count: facts.count ?? null,
  }
}
