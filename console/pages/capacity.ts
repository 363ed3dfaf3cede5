import type { CapacityView } from '../../src/api/capacity-schemas.js'
import { type Html, html } from '../html.js'
import { chart, type Series } from '../parts/chart.js'
import { countryName, LOW_HEAD_ROOM, NUMBERS } from '../parts/number.js'
import { table } from '../parts/table.js'
import type { Texts } from '../texts/texts.js'
import { withQuery } from '../urls.js'

/** How far the pool goes: in words, and by day. */
export function capacityPanels({ summary, all, days }: CapacityView, texts: Texts): Html {
  const { numbers: words } = texts
  return html`<div class="panels">
<section class="panel" aria-labelledby="capacity-title">
<h2 id="capacity-title">${words.capacity}</h2>
<p><span class="figure ${roomTone(all.head_room)}">${all.head_room ?? words.unknown}</span> ${words.headRoomHelp}</p>
<p>${summary.join(' ')}</p>
</section>
${days.length > 1 && trendPanel(days, texts)}
</div>`
}

function roomTone(room: number | null): string {
  if (room === null) return 'calm'
  if (room === 0) return 'bad'
  return room > LOW_HEAD_ROOM ? 'good' : 'warn'
}

function trendPanel(days: CapacityView['days'], { numbers: words }: Texts): Html {
  const series: Series[] = [
    { label: words.numbers, tone: 'accent', values: days.map(({ numbers }) => numbers) },
    { label: words.heldByBusiest, tone: 'warn', values: days.map((day) => day.held_by_busiest) },
  ]
  return html`<section class="panel" aria-labelledby="trend-title">
<h2 id="trend-title">${words.trend}</h2>
${chart({ title: words.trend, times: days.map(({ day }) => day), series, kind: 'lines' })}
<p><small>${words.trendHelp}</small></p>
<details><summary>${words.figures}</summary>
${table({
  caption: words.trend,
  head: [words.day, words.numbers, words.heldByBusiest, words.headRoom],
  rows: days.toReversed().map((day) => [day.day, day.numbers, day.held_by_busiest, day.head_room]),
  empty: '',
})}
</details>
</section>`
}

export function countryTable({ countries }: CapacityView, texts: Texts): Html {
  const { numbers: words } = texts
  return table({
    caption: words.byCountry,
    head: [words.country, words.active, words.draining, words.people, words.heldByBusiest, words.headRoom],
    rows: countries.map(({ country, ...use }) => [
      html`<a href="${withQuery(NUMBERS, { country })}">${countryName(country, words)}</a>`,
      use.numbers,
      use.draining > 0
        ? html`<a href="${withQuery(NUMBERS, { country, state: 'draining' })}">${use.draining}</a>`
        : 0,
      use.people ?? words.notCounted,
      use.held_by_busiest,
      use.head_room,
    ]),
    empty: words.empty,
  })
}
