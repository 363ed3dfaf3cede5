import type { CallPageView, CallView } from '../../src/api/call-schemas.js'
import { CALL_OUTCOMES } from '../../src/calls/call-summary.js'
import { CONSOLE } from '../hooks/staff.js'
import { type Html, html } from '../html.js'
import { choice, field } from '../parts/form.js'
import type { Page } from '../parts/layout.js'
import { nextPage, table } from '../parts/table.js'
import { badge, moment, type Tone } from '../parts/words.js'
import type { Texts } from '../texts/texts.js'
import { path, withQuery } from '../urls.js'

export const CALLS = `${CONSOLE}/calls`

/** What a list of calls was asked for: texts of a form. */
export interface CallFilter {
  readonly outcome?: string | undefined
  readonly state?: string | undefined
  readonly from?: string | undefined
  readonly to?: string | undefined
  /** The id of a session. */
  readonly session?: string | undefined
}

export interface CallsData {
  readonly filter: CallFilter
  /** Where the page begins; undefined: with the newest. */
  readonly cursor: string | undefined
  readonly page: CallPageView
}

export function callsPage({ filter, cursor, page }: CallsData, texts: Texts): Page {
  const { calls: words, frame } = texts
  const url = withQuery(CALLS, { ...filter, cursor })
  const next = page.next_cursor && withQuery(CALLS, { ...filter, cursor: page.next_cursor })
  const isAll = withQuery('', { ...filter, cursor }) === ''
  return {
    title: words.title,
    main: html`${filterForm(filter, texts)}
<div id="calls" data-live="call" hx-get="${url}" hx-select="#calls" hx-trigger="change-of-data" hx-swap="outerHTML">
${callTable(page.calls, texts, isAll ? words.emptyFirst : words.noMatch)}
${next && nextPage(next, frame.more)}
</div>`,
  }
}

function filterForm(filter: CallFilter, { calls: words, frame }: Texts): Html {
  const all = ['', frame.all] as const
  const states = [all, ...Object.entries(words.states)]
  const outcomes = [all, ...CALL_OUTCOMES.map((outcome) => [outcome, words.outcomes[outcome]] as const)]
  return html`<form class="row" method="get" action="${CALLS}" aria-label="${words.filter}">
<div>${choice({ label: words.state, name: 'state', value: filter.state, options: states })}</div>
<div>${choice({ label: words.outcome, name: 'outcome', value: filter.outcome, options: outcomes })}</div>
<div>${field({ label: words.from, name: 'from', type: 'datetime-local', value: filter.from })}</div>
<div>${field({ label: words.to, name: 'to', type: 'datetime-local', value: filter.to })}</div>
<div>${field({ label: words.session, name: 'session', value: filter.session })}</div>
<button type="submit" class="secondary">${frame.apply}</button>
</form>`
}

export function callTable(calls: readonly CallView[], texts: Texts, empty = texts.calls.empty): Html {
  const { calls: words } = texts
  return table({
    caption: words.list,
    head: [words.began, words.outcome, words.dialled, words.caller, words.talk],
    rows: calls.map((call) => [
      html`<a href="${callUrl(call.id)}">${moment(call.began_at)}</a>`,
      outcomeBadge(call, texts),
      call.masking_number && html`<code>${call.masking_number}</code>`,
      call.caller === null ? words.stranger : texts.sessions.sides[call.caller],
      call.talk_seconds ? words.seconds(call.talk_seconds) : '',
    ]),
    empty,
  })
}

export function callUrl(id: string): string {
  return CONSOLE + path`/calls/${id}`
}

const TONES: Readonly<Record<string, Tone>> = { talked: 'good', refused: 'bad', failed: 'bad', live: 'warn' }

/** What became of a call, or that it goes on. */
export function outcomeBadge({ outcome }: Pick<CallView, 'outcome'>, { calls }: Texts): Html {
  return badge(calls.outcomes[outcome ?? 'live'], TONES[outcome ?? 'live'] ?? 'calm')
}

/** Why a call was refused, or why it ended, as the carrier says it; undefined where that is not known. */
export function reasonOf(call: CallView, { calls: words }: Texts): Html | undefined {
  const { refused_because: refused, cause, cause_code: code } = call
  const refusals: { readonly [code: string]: string } = words.refusals
  if (refused !== undefined) return html`${refusals[refused] ?? refused}`
  return code === null ? undefined : html`${cause} ${words.causeCode(code)}`
}
