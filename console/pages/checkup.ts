import type { CheckupView } from '../../src/api/checkup-schemas.js'
import { CONSOLE, FORM_TOKEN } from '../hooks/staff.js'
import { type Child, type Html, html } from '../html.js'
import type { Page } from '../parts/layout.js'
import { facts } from '../parts/table.js'
import { badge } from '../parts/words.js'
import type { Texts } from '../texts/texts.js'

export const CHECKUP = `${CONSOLE}/checkup`

type Finding = CheckupView['findings'][number]

export interface CheckupData {
  readonly formToken: string
  /** Undefined where none was run. */
  readonly found?: CheckupView | undefined
}

export function checkupPage({ formToken, found }: CheckupData, texts: Texts): Page {
  const { checkup: words } = texts
  return {
    title: words.title,
    main: html`<p>${words.about}</p>
<form method="post" action="${CHECKUP}" hx-post="${CHECKUP}" hx-target="#findings" hx-select="#findings" hx-swap="outerHTML" hx-disabled-elt="find button">
<input type="hidden" name="${FORM_TOKEN}" value="${formToken}">
<div class="row"><button type="submit">${words.run}</button><div role="status"><span class="running" aria-busy="true">${words.running}</span></div></div>
</form>
<div id="findings">${found && findingsOf(found, texts)}</div>`,
  }
}

function findingsOf({ healthy, findings }: CheckupView, { checkup: words }: Texts): Html {
  const bad = findings.filter(({ ok }) => !ok)
  const good = findings.filter(({ ok }) => ok)
  return html`${
    healthy
      ? html`<p role="status" class="notice good">${words.healthy(findings.length)}</p>`
      : html`<p role="status" class="notice bad">${words.unhealthy(bad.length)}</p>
<h2>${words.bad}</h2>
${listOf(bad, words)}`
  }
${good.length > 0 && html`<h2>${words.good}</h2>${listOf(good, words)}`}`
}

function listOf(findings: readonly Finding[], words: Texts['checkup']): Html {
  return facts(
    findings.map(({ check, ok, seen, remedy }) => [
      check,
      html`${ok ? badge(words.states.good, 'good') : badge(words.states.bad, 'bad')} ${withCode(seen)}${
        remedy && html`<br><strong>${words.remedy}</strong> ${withCode(remedy)}`
      }`,
    ]),
  )
}

/** Text in which commands stand between backticks. */
function withCode(text: string): Child {
  return text.split('`').map((part, i) => (i % 2 === 1 ? html`<code>${part}</code>` : part))
}
