import { MAX_NEW_NUMBERS } from '../../src/api/number-schemas.js'
import { type Child, type Html, html } from '../html.js'
import { field, postForm } from '../parts/form.js'
import type { Page } from '../parts/layout.js'
import { countryName, NUMBERS } from '../parts/number.js'
import { table } from '../parts/table.js'
import { badge } from '../parts/words.js'
import type { Texts } from '../texts/texts.js'

/** A number of the account or of the pool, as the API shows it. */
export interface ComparedNumber {
  readonly number: string
  readonly country: string
  readonly in_pool: boolean
  readonly in_account: boolean
  readonly state: 'active' | 'draining' | 'static_pair' | null
  readonly application: 'ours' | 'other' | 'none' | null
  readonly problem: string | null
  readonly remedy: string | null
}

export interface ComparedNumbers {
  readonly has_application: boolean
  readonly numbers: readonly ComparedNumber[]
}

export interface AccountNumbersData {
  readonly compared: ComparedNumbers
  readonly formToken: string
}

/** What the account at the carrier has, beside what the pool has. */
export function accountNumbersPage({ compared, formToken }: AccountNumbersData, texts: Texts): Page {
  const { numbers: words } = texts
  const canAdd = compared.numbers.some(isToAdd)
  const numbers = comparedTable(compared.numbers, texts)
  const chosen = html`${numbers}
<section class="narrow">${field({ label: words.addLabel, name: 'label', help: words.labelHelp })}<button type="submit">${words.addChosen}</button> <small>${words.addNumbersMost(MAX_NEW_NUMBERS)}</small></section>`
  return {
    title: words.accountTitle,
    main: html`<p>${words.accountAbout}</p>
${!compared.has_application && html`<p class="notice warn">${words.noApplication}</p>`}
${canAdd ? postForm(`${NUMBERS}/new`, formToken, chosen) : numbers}`,
  }
}

function comparedTable(numbers: readonly ComparedNumber[], texts: Texts): Html {
  const { numbers: words } = texts
  return table({
    caption: words.accountList,
    head: [
      words.number,
      words.country,
      words.inPool,
      words.inAccount,
      words.application,
      words.wrong,
      words.choose,
    ],
    rows: numbers.map((compared) => [
      html`<code>${compared.number}</code>`,
      countryName(compared.country, words),
      compared.state === null ? words.no : words.comparedStates[compared.state],
      compared.in_account ? words.yes : words.no,
      compared.application && words.applications[compared.application],
      whatIsWrong(compared, texts),
      isToAdd(compared) &&
        html`<input type="checkbox" name="numbers" value="${compared.number}" aria-label="${words.chooseNumber(compared.number)}">`,
    ]),
    empty: words.accountEmpty,
  })
}

/** Whether sessions could be given it: its calls come here, and nothing is wrong with it. */
function isToAdd({ state, application, problem }: ComparedNumber): boolean {
  return state === null && application === 'ours' && problem === null
}

function whatIsWrong(compared: ComparedNumber, { numbers: words }: Texts): Child {
  const { state, in_account, application, problem, remedy } = compared
  if (problem !== null) return html`${badge(problem, 'bad')} ${remedy}`
  if (state === null) return undefined
  if (!in_account) return html`<span class="bad">${words.notOwned}</span>`
  return application !== 'ours' && html`<span class="warn">${words.notRouted}</span>`
}
