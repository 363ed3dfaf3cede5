import type { CallCountsView } from '../../src/api/call-counts-schemas.js'
import { attention } from '../attention.js'
import { CONSOLE } from '../hooks/staff.js'
import { type Html, html } from '../html.js'
import { type OverviewData, TROUBLE_MS } from '../overview-data.js'
import { chart, type Series } from '../parts/chart.js'
import type { Page } from '../parts/layout.js'
import { table } from '../parts/table.js'
import { badge, moment } from '../parts/words.js'
import type { Texts } from '../texts/texts.js'
import { callTable } from './calls.js'
import { whyForm } from './why.js'

/** How it is, and what needs attention, each thing with the page that mends it. */
export function overviewPage(data: OverviewData, texts: Texts): Page {
  const { counts, live, staff } = data
  const { overview: words } = texts
  return {
    title: words.title,
    needs: 'charts',
    // What is typed in the form would be gone with the part that changes.
    main: html`${staff.can('explain') && why(staff.formToken, texts)}
<div id="overview" data-live="call session number webhook carrier store" hx-get="${CONSOLE}" hx-select="#overview" hx-trigger="change-of-data" hx-swap="outerHTML">
${needs(data, texts)}
<div class="panels">${panels(data, texts)}</div>
${counts && html`<h2>${words.calls}</h2>${callsByHour(counts, texts)}`}
${live && html`<h2>${words.live}</h2>${callTable(live.calls, texts, words.liveNone)}`}
</div>`,
  }
}

function why(formToken: string, texts: Texts): Html {
  return html`<section class="panel"><h2>${texts.why.title}</h2>${whyForm(formToken, texts)}</section>`
}

function needs(data: OverviewData, texts: Texts): Html {
  const { overview: words } = texts
  const found = attention(data, texts)
  if (found.length === 0) return html`<p class="notice good">${words.allWell}</p>`
  return html`<section class="notice warn" aria-labelledby="needs"><h2 id="needs">${words.needsTitle}</h2>
<ul>${found.map(({ words, url }) => html`<li><a href="${url}">${words}</a></li>`)}</ul></section>`
}

function panels({ status, live, capacity, webhooks, troubles }: OverviewData, texts: Texts): Html[] {
  const { overview: words } = texts
  const isUp = status.store.state === 'up'
  const shown: (Html | undefined)[] = [
    live &&
      panel(
        words.liveCalls,
        figure(live.calls.length, live.next_cursor !== null),
        `${CONSOLE}/calls?state=in_progress`,
      ),
    capacity &&
      panel(
        words.openSessions,
        count(capacity.open_sessions),
        `${CONSOLE}/sessions?status=open`,
        capacity.all.people === null ? words.notCounted : words.people(capacity.all.people),
      ),
    capacity &&
      panel(
        words.headRoom,
        count(capacity.all.head_room),
        `${CONSOLE}/numbers`,
        headRoomWords(capacity.all, texts),
      ),
    panel(
      words.store,
      badge(isUp ? words.up : words.down, isUp ? 'good' : 'bad'),
      undefined,
      words.storeKinds[status.store.kind],
    ),
    webhooks && panel(words.endpoints, endpoints(webhooks, texts), `${CONSOLE}/webhooks`),
    troubles &&
      panel(
        words.carrier,
        carrier(troubles.events.length, texts),
        undefined,
        words.lastMinutes(TROUBLE_MS / 60_000),
      ),
  ]
  return shown.filter((one) => one !== undefined)
}

function panel(name: string, value: Html, url: string | undefined, help = ''): Html {
  const title = url === undefined ? html`${name}` : html`<a href="${url}">${name}</a>`
  return html`<section class="panel"><h2>${title}</h2><p class="figure">${value}</p>${help !== '' && html`<small>${help}</small>`}</section>`
}

function figure(calls: number, hasMore: boolean): Html {
  return html`${calls}${hasMore && '+'}`
}

/** What is not counted yet is no zero. */
function count(value: number | null): Html {
  return html`${value ?? '–'}`
}

function headRoomWords({ head_room, people, trend }: Capacity, { overview: words }: Texts): string {
  if (head_room === null) return words.notCounted
  if (!people) return words.nobodyOpen
  const days = trend?.gone_in_days ?? null
  return `${words.roomFor(head_room)} ${days === null ? words.lasts : words.goneIn(days)}`
}

type Capacity = NonNullable<OverviewData['capacity']>['all']

function endpoints(webhooks: NonNullable<OverviewData['webhooks']>, { overview: words }: Texts): Html {
  const ill = webhooks.filter(({ state, failing_since }) => state === 'off' || failing_since !== null)
  if (webhooks.length === 0) return badge(words.noEndpoints, 'calm')
  return ill.length === 0
    ? badge(words.endpointsWell(webhooks.length), 'good')
    : badge(words.endpointsIll(ill.length, webhooks.length), 'warn')
}

function carrier(troubles: number, { overview: words }: Texts): Html {
  return troubles === 0 ? badge(words.noTrouble, 'good') : badge(words.trouble, 'bad')
}

/** The outcomes that are drawn together, from the bottom up. */
const GROUPS = {
  talked: { outcomes: ['talked'], tone: 'good' },
  notReached: { outcomes: ['no_answer', 'busy', 'cancelled'], tone: 'calm' },
  failed: { outcomes: ['failed'], tone: 'warn' },
  refused: { outcomes: ['refused'], tone: 'bad' },
} as const
type Group = keyof typeof GROUPS

function callsByHour(counts: CallCountsView, texts: Texts): Html {
  const { overview: words } = texts
  const groups = Object.keys(GROUPS) as Group[]
  const of = ({ outcomes }: CallCountsView['hours'][number], group: Group) =>
    GROUPS[group].outcomes.reduce((sum, outcome) => sum + outcomes[outcome], 0)
  if (counts.total === 0) return html`<p class="empty">${words.noCalls}</p>`
  const series: Series[] = groups.map((group) => ({
    label: words.groups[group],
    tone: GROUPS[group].tone,
    values: counts.hours.map((hour) => of(hour, group)),
  }))
  const rows = counts.hours.filter(({ total }) => total > 0)
  return html`${chart({ times: counts.hours.map(({ hour }) => hour), series, kind: 'bars', title: words.calls })}
<details><summary>${words.asTable(counts.total)}</summary>${table({
    caption: words.calls,
    head: [words.hour, ...groups.map((group) => words.groups[group]), words.began],
    rows: rows.map((hour) => [moment(hour.hour), ...groups.map((group) => of(hour, group)), hour.total]),
    empty: '',
  })}</details>`
}
