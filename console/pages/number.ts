import { MAX_NEW_NUMBERS } from '../../src/api/number-schemas.js'
import type { UseReason } from '../../src/api/problem.js'
import type { ProblemView } from '../api.js'
import type { Staff } from '../hooks/staff.js'
import { type Html, html } from '../html.js'
import { lines } from '../parts/choose.js'
import { type Done, doneNotices } from '../parts/done.js'
import { field, postForm } from '../parts/form.js'
import type { Page } from '../parts/layout.js'
import { countryName, NUMBERS, numberLink, numberUrl, type ShownNumber, stateBadge } from '../parts/number.js'
import { problemNotice } from '../parts/problem.js'
import { facts } from '../parts/table.js'
import { moment, toCopy } from '../parts/words.js'
import type { Texts } from '../texts/texts.js'
import { type CountedNumbers, shownToday } from './numbers.js'

export interface NumberData {
  readonly number: ShownNumber
  /** Since when its counts are out of date; null where nothing was counted yet. */
  readonly countedAt: string | null
  /** Undefined where they are not to be had. */
  readonly counted: CountedNumbers | undefined
  readonly staff: Pick<Staff, 'can' | 'formToken'>
  readonly said: Done
  readonly problem?: ProblemView | undefined
}

/** One masking number, and what can be done with it. */
export function numberPage(data: NumberData, texts: Texts): Page {
  const { number, countedAt, counted, staff, said, problem } = data
  const { numbers: words, frame } = texts
  const url = numberUrl(number.number)
  const uses = counted?.numbers.find((one) => one.number === number.number)
  return {
    title: words.one,
    main: html`${doneNotices(said, texts)}${problemNotice(problem, texts)}
<div id="number" data-live="number" hx-get="${url}" hx-select="#number" hx-trigger="change-of-data" hx-swap="outerHTML">
${facts([
  [words.number, toCopy(number.number, frame.copy)],
  [words.country, countryName(number.country, words)],
  [words.state, stateBadge(number.state, texts)],
  [words.drainingSince, number.draining_since && moment(number.draining_since)],
  [words.label, number.label],
  [words.openLegs, number.open_legs ?? words.notCounted],
  [words.countedAt, countedAt && moment(countedAt)],
  [words.dialledToday, uses?.today.dialled],
  [words.shownToday, uses && shownToday(uses.today, texts)],
  [words.shownYesterday, uses?.yesterday.shown],
])}
</div>
${uses && html`<p><small>${words.shownHelp}</small></p>`}
${staff.can('numbers:write') && changes(number, staff.formToken, texts)}`,
  }
}

function changes({ number, state, label = '' }: ShownNumber, formToken: string, texts: Texts): Html {
  const { numbers: words } = texts
  const url = numberUrl(number)
  const labelField = field({ label: words.label, name: 'label', value: label, help: words.labelHelp })
  return html`<h2>${words.change}</h2>
<div class="panels">
<section class="panel" aria-label="${words.relabel}">${postForm(`${url}/label`, formToken, html`${labelField}<button type="submit">${words.relabel}</button>`)}</section>
${
  state === 'active'
    ? stateSection({ url, state: 'draining', help: words.drainHelp, name: words.drain, formToken })
    : html`${stateSection({ url, state: 'active', help: words.activateHelp, name: words.activate, formToken })}
<section class="panel" aria-label="${words.remove}"><p>${words.removeHelp}</p><a role="button" class="secondary" href="${url}/remove">${words.remove}</a></section>`
}
</div>`
}

interface NextState {
  readonly url: string
  readonly state: ShownNumber['state']
  readonly help: string
  readonly name: string
  readonly formToken: string
}

function stateSection({ url, state, help, name, formToken }: NextState): Html {
  const button = html`<p>${help}</p><button type="submit" name="state" value="${state}">${name}</button>`
  return html`<section class="panel" aria-label="${name}">${postForm(`${url}/state`, formToken, button)}</section>`
}

export interface RemoveNumberData {
  readonly number: ShownNumber
  readonly formToken: string
  readonly problem?: ProblemView | undefined
}

/** Asks once, and says why it cannot be. */
export function removeNumberPage({ number, formToken, problem }: RemoveNumberData, texts: Texts): Page {
  const { numbers: words, frame } = texts
  const url = numberUrl(number.number)
  const buttons = html`<div class="row"><button type="submit">${words.removeNow}</button> <a role="button" class="secondary" href="${url}">${frame.cancel}</a></div>`
  return {
    title: words.removeTitle,
    main: html`${useNotice(problem, texts)}<p>${numberLink(number.number)} ${stateBadge(number.state, texts)} ${number.label}</p>
<p>${words.removeAbout}</p>
${postForm(`${url}/remove`, formToken, buttons)}`,
  }
}

/** Why a number cannot be removed, as the API says it. */
interface UseProblem extends ProblemView {
  readonly reason: UseReason
  readonly free_at: string | null
}

function useNotice(problem: ProblemView | undefined, texts: Texts): Html {
  if (problem?.code !== 'number_in_use') return problemNotice(problem, texts)
  const { numbers: words } = texts
  const { reason, free_at: freeAt } = problem as UseProblem
  return html`${problemNotice({ ...problem, ...words.inUse[reason] }, texts)}${freeAt && html`<p>${words.freeAt} ${moment(freeAt)}</p>`}`
}

export interface NewNumbersData {
  readonly problem?: ProblemView | undefined
  readonly formToken: string
}

/** The form for more numbers. What was typed is not shown again: among it may be the number of a person. */
export function newNumbersPage({ problem, formToken }: NewNumbersData, texts: Texts): Page {
  const { numbers: words } = texts
  const form = html`${lines({ label: words.addNumbers, name: 'numbers', help: words.addNumbersHelp(MAX_NEW_NUMBERS) })}
${field({ label: words.addLabel, name: 'label', help: words.labelHelp })}
<button type="submit">${words.addNow}</button>`
  return {
    title: words.add,
    main: html`${problemNotice(problem, texts)}${problem && whichOf(problem, texts)}<p>${words.addAbout}</p><section class="narrow">${postForm(`${NUMBERS}/new`, formToken, form)}</section>`,
  }
}

/** The problem of one of several numbers says which it is, counted from 0. */
function whichOf(problem: ProblemView & { readonly index?: number }, { numbers: words }: Texts): Html {
  const { index } = problem
  return html`<p>${index !== undefined && words.whichLine(index + 1)} ${words.typeAgain}</p>`
}
