import type { EventPageView, EventView } from '../../src/api/event-schemas.js'
import { EVENT_TYPES } from '../../src/events/event.js'
import { CONSOLE, type Staff } from '../hooks/staff.js'
import { type Html, html } from '../html.js'
import { choice, field } from '../parts/form.js'
import type { Page } from '../parts/layout.js'
import { nextPage, table } from '../parts/table.js'
import { moment } from '../parts/words.js'
import type { Texts } from '../texts/texts.js'
import { withQuery } from '../urls.js'
import { DELIVERIES } from './deliveries.js'
import { sessionLink } from './sessions.js'
import { WEBHOOKS } from './webhooks.js'

export const EVENTS = `${CONSOLE}/events`

/** What a list of events was asked for: texts of a form. */
export interface EventFilter {
  readonly type?: string | undefined
  readonly session_id?: string | undefined
  readonly from?: string | undefined
  readonly to?: string | undefined
}

export interface EventsData {
  readonly filter: EventFilter
  /** Where the page begins; empty for the newest events, which change. */
  readonly cursor: string
  readonly page: EventPageView
  readonly staff: Pick<Staff, 'can'>
}

export function eventsPage({ filter, cursor, page, staff }: EventsData, texts: Texts): Page {
  const { events: words } = texts
  const next = page.next_cursor && withQuery(EVENTS, { ...filter, cursor: page.next_cursor })
  return {
    title: words.title,
    main: html`<p>${words.about}</p>
<p class="row">${staff.can('webhooks:read') && html`<a role="button" class="secondary" href="${WEBHOOKS}">${texts.webhooks.title}</a>`} <a role="button" class="secondary" href="${DELIVERIES}">${texts.deliveries.title}</a></p>
${filterForm(filter, texts)}
<div id="events"${cursor === '' && live(filter)}>
${eventTable(page.events, staff, texts)}
</div>
${next && nextPage(next, texts.frame.more)}`,
  }
}

/** All kinds of things of which there are events. */
const KINDS = [...new Set(EVENT_TYPES.map(kindOf))].join(' ')

/** Fetches the list anew when there is an event that belongs into it. */
function live(filter: EventFilter): Html {
  const kinds = filter.type === undefined ? KINDS : kindOf(filter.type)
  return html` data-live="${kinds}" hx-get="${withQuery(EVENTS, { ...filter })}" hx-select="#events" hx-trigger="change-of-data" hx-swap="outerHTML"`
}

function kindOf(type: string): string {
  return type.slice(0, type.indexOf('.'))
}

function filterForm(filter: EventFilter, { events: words, eventTypes, frame }: Texts): Html {
  const types = Object.entries(eventTypes).map(([type, name]) => [type, `${type}: ${name}`] as const)
  return html`<form class="row" method="get" action="${EVENTS}" aria-label="${words.filter}">
<div>${choice({ label: words.type, name: 'type', value: filter.type, options: [['', frame.all], ...types] })}</div>
<div>${field({ label: words.session, name: 'session_id', value: filter.session_id })}</div>
<div>${field({ label: words.from, name: 'from', type: 'datetime-local', value: filter.from })}</div>
<div>${field({ label: words.to, name: 'to', type: 'datetime-local', value: filter.to })}</div>
<button type="submit" class="secondary">${frame.apply}</button>
</form>`
}

function eventTable(events: readonly EventView[], staff: Pick<Staff, 'can'>, texts: Texts): Html {
  const { events: words, eventTypes } = texts
  return table({
    caption: words.list,
    head: [words.when, words.type, words.what, words.session, words.data],
    rows: events.map(({ id, type, timestamp, session_id: session, data }) => [
      moment(timestamp),
      html`<code>${type}</code>`,
      eventTypes[type],
      session && (staff.can('sessions:read') ? sessionLink(session) : html`<code>${session}</code>`),
      // It never changes: what was opened stays open when the list is fetched anew.
      html`<details id="data-${id}" hx-preserve><summary>${words.show}</summary><pre>${JSON.stringify(data, null, 2)}</pre></details>`,
    ]),
    empty: words.empty,
  })
}
