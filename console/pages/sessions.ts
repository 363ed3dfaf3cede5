import type { SessionPageView, SessionView } from '../../src/api/session-schemas.js'
import type { ProblemView } from '../api.js'
import { CONSOLE, type Staff } from '../hooks/staff.js'
import { type Html, html } from '../html.js'
import { choice, field, postForm } from '../parts/form.js'
import type { Page } from '../parts/layout.js'
import { problemNotice } from '../parts/problem.js'
import { nextPage, table } from '../parts/table.js'
import { badge, moment, type Tone } from '../parts/words.js'
import type { Texts } from '../texts/texts.js'
import { path, withQuery } from '../urls.js'

export const SESSIONS = `${CONSOLE}/sessions`

/** What a list of sessions was asked for: texts of a form. */
export interface SessionFilter {
  readonly status?: string | undefined
  readonly external_id?: string | undefined
  readonly from?: string | undefined
  readonly to?: string | undefined
}

export interface SessionsData {
  readonly filter: SessionFilter
  readonly page: SessionPageView
  /** Undefined for those who may not search by a number, or may not open sessions. */
  readonly search: { readonly formToken: string } | undefined
  readonly mayOpen: boolean
}

export function sessionsPage({ filter, page, search, mayOpen }: SessionsData, texts: Texts): Page {
  const { sessions: words } = texts
  const next = page.next_cursor && withQuery(SESSIONS, { ...filter, cursor: page.next_cursor })
  return {
    title: words.title,
    main: html`${mayOpen && html`<p><a role="button" href="${SESSIONS}/new">${words.open}</a></p>`}
${search && searchForm(search.formToken, texts)}
${filterForm(filter, texts)}
<div id="sessions" data-live="session" hx-get="${withQuery(SESSIONS, { ...filter })}" hx-select="#sessions" hx-trigger="change-of-data" hx-swap="outerHTML">
${sessionTable(page.sessions, words.empty, texts)}
</div>
${next && nextPage(next, texts.frame.more)}`,
  }
}

/** By the number of a person: in the body of a form, because URLs stand in logs and histories. */
export function searchForm(formToken: string, { sessions: words }: Texts): Html {
  const number = field({
    label: words.number,
    name: 'number',
    type: 'tel',
    isRequired: true,
    help: words.numberHelp,
  })
  return html`<section class="narrow">${postForm(
    `${SESSIONS}/search`,
    formToken,
    html`${number}<button type="submit" class="secondary">${words.search}</button>`,
  )}</section>`
}

function filterForm(filter: SessionFilter, { sessions: words, frame }: Texts): Html {
  const statuses = Object.entries(words.statuses)
  const all = [['', frame.all] as const, ...statuses]
  return html`<form class="row" method="get" action="${SESSIONS}" aria-label="${words.filter}">
<div>${choice({ label: words.status, name: 'status', value: filter.status, options: all })}</div>
<div>${field({ label: words.externalId, name: 'external_id', value: filter.external_id })}</div>
<div>${field({ label: words.from, name: 'from', type: 'datetime-local', value: filter.from })}</div>
<div>${field({ label: words.to, name: 'to', type: 'datetime-local', value: filter.to })}</div>
<button type="submit" class="secondary">${frame.apply}</button>
</form>`
}

export function sessionTable(sessions: readonly SessionView[], empty: string, texts: Texts): Html {
  const { sessions: words } = texts
  return table({
    caption: words.list,
    head: [words.id, words.status, words.externalId, words.participants, words.created, words.ends],
    rows: sessions.map((session) => [
      sessionLink(session.id),
      statusBadge(session.status, texts),
      session.external_id,
      session.participants.map(
        ({ hint, masking_number }) => html`${hint} <code>${masking_number}</code><br>`,
      ),
      moment(session.created_at),
      moment(session.closed_at ?? session.expires_at),
    ]),
    empty,
  })
}

export function sessionLink(id: string): Html {
  return html`<a href="${CONSOLE}${path`/sessions/${id}`}"><code>${id}</code></a>`
}

/** A session, with a link for those who may see it. */
export function sessionIfSeen(id: string, staff: Pick<Staff, 'can'>): Html {
  return staff.can('sessions:read') ? sessionLink(id) : html`<code>${id}</code>`
}

const TONES: Readonly<Record<SessionView['status'], Tone>> = { open: 'good', closed: 'calm', expired: 'calm' }

export function statusBadge(status: SessionView['status'], { sessions }: Texts): Html {
  return badge(sessions.statuses[status], TONES[status])
}

export interface FoundData {
  /** Undefined where it could not be searched for. */
  readonly found: { readonly sessions: readonly SessionView[]; readonly more: boolean } | undefined
  readonly problem?: ProblemView | undefined
  readonly formToken: string
}

export function foundPage({ found, problem, formToken }: FoundData, texts: Texts): Page {
  const { sessions: words } = texts
  return {
    title: words.foundTitle,
    main: html`${problemNotice(problem, texts)}${searchForm(formToken, texts)}
${found && sessionTable(found.sessions, words.foundNone, texts)}${found?.more && html`<p>${words.foundMore}</p>`}`,
  }
}
