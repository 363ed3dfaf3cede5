import { AUDIT_EVENTS } from '../../src/access/audit-trail.js'
import type { AuditEntryView, AuditPageView } from '../../src/api/audit-schemas.js'
import type { ProblemView } from '../api.js'
import { CONSOLE } from '../hooks/staff.js'
import { type Child, type Html, html } from '../html.js'
import { choice, field } from '../parts/form.js'
import type { Page } from '../parts/layout.js'
import { problemNotice } from '../parts/problem.js'
import { nextPage, table } from '../parts/table.js'
import { moment } from '../parts/words.js'
import type { Texts } from '../texts/texts.js'
import { withQuery } from '../urls.js'
import { sessionLink } from './sessions.js'

export const AUDIT = `${CONSOLE}/audit`

/** What the trail was asked for: texts of a form. */
export interface AuditFilter {
  readonly event?: string | undefined
  readonly key?: string | undefined
  readonly operation?: string | undefined
  readonly session_id?: string | undefined
  readonly from?: string | undefined
  readonly to?: string | undefined
}

export interface AuditData {
  readonly filter: AuditFilter
  /** Undefined where it was not shown. */
  readonly page: AuditPageView | undefined
  readonly problem: ProblemView | undefined
}

export function auditPage({ filter, page, problem }: AuditData, texts: Texts): Page {
  const { audit: words, frame } = texts
  return {
    title: words.title,
    main: html`${problemNotice(problem, texts)}<p>${words.about}${page && html` ${words.covers[page.covers]}`}</p>
${filterForm(filter, texts)}
${page && entryTable(page.entries, texts)}
${page?.next_cursor && nextPage(withQuery(AUDIT, { ...filter, cursor: page.next_cursor }), frame.more)}`,
  }
}

function filterForm(filter: AuditFilter, { audit: words, frame }: Texts): Html {
  const events = AUDIT_EVENTS.map((event) => [event, words.events[event]] as const)
  return html`<form class="row" method="get" action="${AUDIT}" aria-label="${words.filter}">
<div>${choice({ label: words.event, name: 'event', value: filter.event, options: [['', frame.all], ...events] })}</div>
<div>${field({ label: words.key, name: 'key', value: filter.key })}</div>
<div>${field({ label: words.operation, name: 'operation', value: filter.operation, placeholder: 'createSession' })}</div>
<div>${field({ label: words.session, name: 'session_id', value: filter.session_id, placeholder: 's_…' })}</div>
<div>${field({ label: words.from, name: 'from', type: 'datetime-local', value: filter.from })}</div>
<div>${field({ label: words.to, name: 'to', type: 'datetime-local', value: filter.to })}</div>
<button type="submit" class="secondary">${frame.apply}</button>
</form>`
}

function entryTable(entries: readonly AuditEntryView[], texts: Texts): Html {
  const { audit: words } = texts
  return table({
    caption: words.list,
    head: [
      words.time,
      words.event,
      words.key,
      words.operation,
      words.session,
      words.target,
      words.reply,
      words.source,
    ],
    rows: entries.map((entry) => [
      moment(entry.time),
      html`${words.events[entry.event]}${entry.count !== null && html` (${words.count(entry.count)})`}`,
      entry.key,
      entry.operation && html`<code>${entry.operation}</code>`,
      entry.session && sessionLink(entry.session),
      entry.target,
      replyOf(entry),
      entry.source,
    ]),
    empty: words.empty,
  })
}

function replyOf({ status, code }: AuditEntryView): Child {
  if (code === null) return status
  return html`<span class="bad">${status} ${code}</span>`
}
