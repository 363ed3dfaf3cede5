import type { CapacityView } from '../../src/api/capacity-schemas.js'
import type { PoolView } from '../../src/api/number-schemas.js'
import { type Html, html } from '../html.js'
import { type Done, doneNotices } from '../parts/done.js'
import { choice } from '../parts/form.js'
import type { Page } from '../parts/layout.js'
import {
  ADVISED_CALLS,
  countryName,
  NUMBERS,
  numberLink,
  type ShownNumber,
  stateBadge,
} from '../parts/number.js'
import { nextPage, table } from '../parts/table.js'
import { badge, moment } from '../parts/words.js'
import type { Texts } from '../texts/texts.js'
import { withQuery } from '../urls.js'
import { capacityPanels, countryTable } from './capacity.js'

/** How many numbers a page shows. */
export const SHOWN_NUMBERS = 100

/** How often a number was called on a day. */
export interface Uses {
  readonly dialled: number
  readonly shown: number
}

/** How often each number was called, as the API counts it. */
export interface CountedNumbers {
  readonly numbers: readonly { readonly number: string; readonly today: Uses; readonly yesterday: Uses }[]
}

/** What a list of numbers was asked for: texts of a form. */
export interface NumberFilter {
  readonly country?: string | undefined
  readonly state?: string | undefined
}

export interface NumbersData {
  readonly pool: PoolView
  readonly capacity: CapacityView
  /** Undefined where they are not to be had. */
  readonly counted: CountedNumbers | undefined
  readonly filter: NumberFilter
  /** How many numbers come before those that are shown. */
  readonly skip: number
  readonly mayChange: boolean
  readonly said: Done
}

export function numbersPage(data: NumbersData, texts: Texts): Page {
  const { pool, capacity, counted, filter, skip, mayChange, said } = data
  const { numbers: words } = texts
  const found = pool.numbers.filter((number) => isMeant(number, filter))
  const left = found.length - skip - SHOWN_NUMBERS
  const next = withQuery(NUMBERS, { ...filter, skip: skip + SHOWN_NUMBERS })
  const own = withQuery(NUMBERS, { ...filter, skip: skip || undefined })
  return {
    title: words.title,
    needs: 'charts',
    main: html`${doneNotices(said, texts)}
${mayChange && html`<p class="row"><a role="button" href="${NUMBERS}/new">${words.add}</a> <a role="button" class="secondary" href="${NUMBERS}/account">${words.account}</a></p>`}
${capacityPanels(capacity, texts)}
<h2>${words.byCountry}</h2>
${countryTable(capacity, texts)}
<h2>${words.pool}</h2>
${filterForm(pool, filter, texts)}
<div id="numbers" data-live="number" hx-get="${own}" hx-select="#numbers" hx-trigger="change-of-data" hx-swap="outerHTML">
${counted && adviceNotice(counted, texts)}
${numberTable({ numbers: found.slice(skip, skip + SHOWN_NUMBERS), counted }, pool.numbers.length === 0 ? words.empty : words.noneMatch, texts)}
<p><small>${words.openLegsHelp} ${words.countedAt} ${pool.counted_at === null ? words.notCounted : moment(pool.counted_at)}. ${counted && words.shownHelp}</small></p>
</div>
${left > 0 && nextPage(next, words.more(left))}`,
  }
}

function isMeant({ country, state }: ShownNumber, wanted: NumberFilter): boolean {
  return (wanted.country ?? country) === country && (wanted.state ?? state) === state
}

function filterForm({ numbers }: PoolView, filter: NumberFilter, { numbers: words, frame }: Texts): Html {
  const countries = [...new Set(numbers.map(({ country }) => country))].sort()
  const all = ['', frame.all] as const
  return html`<form class="row" method="get" action="${NUMBERS}" aria-label="${words.filter}">
<div>${choice({ label: words.country, name: 'country', value: filter.country, options: [all, ...countries.map((country) => [country, countryName(country, words)] as const)] })}</div>
<div>${choice({ label: words.state, name: 'state', value: filter.state, options: [all, ...Object.entries(words.states)] })}</div>
<button type="submit" class="secondary">${frame.apply}</button>
</form>`
}

function adviceNotice({ numbers }: CountedNumbers, { numbers: words }: Texts): Html {
  const above = numbers.filter(({ today }) => isAboveAdvice(today)).length
  return above > 0 ? html`<p class="notice warn">${words.manyAboveAdvice(above)}</p>` : html``
}

interface Listed {
  readonly numbers: readonly ShownNumber[]
  readonly counted: CountedNumbers | undefined
}

function numberTable({ numbers, counted }: Listed, empty: string, texts: Texts): Html {
  const { numbers: words } = texts
  const uses = new Map(counted?.numbers.map((one) => [one.number, one]))
  const used = (number: string) => {
    const { today = UNUSED, yesterday = UNUSED } = uses.get(number) ?? {}
    return [today.dialled, shownToday(today, texts), yesterday.shown]
  }
  return table({
    caption: words.list,
    head: [
      words.number,
      words.country,
      words.state,
      words.label,
      words.openLegs,
      ...(counted ? [words.dialledToday, words.shownToday, words.shownYesterday] : []),
    ],
    rows: numbers.map(({ number, country, state, label, open_legs: openLegs }) => [
      numberLink(number),
      countryName(country, words),
      stateBadge(state, texts),
      label,
      openLegs ?? words.notCounted,
      ...(counted ? used(number) : []),
    ]),
    empty,
  })
}

const UNUSED: Uses = { dialled: 0, shown: 0 }

export function shownToday(today: Uses, { numbers: words }: Texts): Html {
  return html`${today.shown}${isAboveAdvice(today) && html` ${badge(words.aboveAdvice, 'warn')}`}`
}

/** Carriers judge a number by the phones that showed it. */
function isAboveAdvice({ shown }: Uses): boolean {
  return shown > ADVISED_CALLS
}
