import type { SimulationView } from '../../src/api/simulation-schemas.js'
import type { Staff } from '../hooks/staff.js'
import { type Child, type Html, html } from '../html.js'
import { inLines } from '../parts/document.js'
import { facts } from '../parts/table.js'
import { badge, moment, type Tone } from '../parts/words.js'
import type { Texts } from '../texts/texts.js'
import { sessionLink } from './sessions.js'

type Played = Pick<SimulationView, 'document' | 'caller_hears' | 'recorded' | 'called' | 'endings'>
type Endings = NonNullable<Played['endings']>

export interface Around {
  readonly staff: Pick<Staff, 'can'>
  /** What is one click away from it. */
  readonly moves?: Html
}

/** What became of a simulated call, and both phones. */
export function simulationPart(view: SimulationView, { staff, moves }: Around, texts: Texts): Html {
  const { simulator: words, sessions } = texts
  const { at, masking_number: dialled, session_id: session, dial_instead: instead } = view
  const [title, tone] = verdictOf(view, texts)
  return html`<h2>${title}</h2>
<p class="notice ${tone}">${whyOf(view, texts)}</p>
${moves}
${facts([
  [words.at, moment(at)],
  [
    sessions.one,
    session && (staff.can('sessions:read') ? sessionLink(session) : html`<code>${session}</code>`),
  ],
  [words.dialInstead, instead.length > 0 ? instead.map((number) => html`<code>${number}</code> `) : ''],
])}
${phones(view, dialled, texts)}
${view.asks_for_pin && afterPin(view, texts)}`
}

function verdictOf(
  { outcome, asks_for_pin }: SimulationView,
  { simulator }: Texts,
): readonly [title: string, tone: Tone] {
  if (asks_for_pin) return [simulator.asks, 'warn']
  return outcome === 'connect' ? [simulator.connects, 'good'] : [simulator.refuses, 'bad']
}

/** Why, in the reader's language where there are words for the rule, else in those of the API. */
function whyOf({ rule, explanation }: SimulationView, { why }: Texts): string {
  const { rules }: WhyTexts = why
  return rules?.[rule]?.why ?? explanation
}

interface WhyTexts {
  readonly title: string
  readonly rules?: { readonly [rule: string]: { readonly why: string } }
}

/** Both phones side by side, what can follow, and the document that makes it so. */
function phones(played: Played, dialled: string | undefined, texts: Texts): Html {
  const { simulator: words } = texts
  const { called, caller_hears: hears, recorded, endings, document } = played
  return html`<div class="handsets"><div class="phones">
${phone(words.callerPhone, [
  [words.dialled, dialled && html`<span class="figure">${dialled}</span>`],
  [called ? words.hears : words.hearsAlone, said(hears, texts)],
  [words.recording, recorded ? badge(words.recorded, 'warn') : ''],
])}
${called ? calledPhone(called, texts) : phone(words.calledPhone, [], words.isSilent)}
</div>
${endings && endingsOf(endings, texts)}
<details><summary>${words.document}</summary><pre><code>${inLines(document)}</code></pre></details></div>`
}

function phone(title: string, shows: Parameters<typeof facts>[0], words?: string): Html {
  return html`<div class="phone"><h3>${title}</h3>${words === undefined ? facts(shows) : html`<p>${words}</p>`}</div>`
}

function calledPhone(called: NonNullable<Played['called']>, texts: Texts): Html {
  const { simulator: words, sessions } = texts
  const { participant, hint, shows, hears } = called
  const who = participant === null ? words.ofBusiness : words.ofParticipant(sessions.sides[participant])
  return phone(words.calledPhone, [
    [words.rings, html`<span class="figure">${shows}</span>`],
    [words.whose, `${hint}, ${who}`],
    [words.hearsFirst, said(hears, texts)],
  ])
}

/** What can be done with the phone that rings. */
function endingsOf({ talked, ...others }: Endings, texts: Texts): Html {
  const { simulator: words } = texts
  const way = (summary: string, ...then: readonly Child[]) =>
    html`<details name="ending"><summary>${summary}</summary>${then}</details>`
  const hangUp = html`<details><summary>${words.hangUp}</summary>${heardThen(talked, texts)}</details>`
  return html`<section aria-label="${words.thenWhat}"><h3>${words.thenWhat}</h3>
${way(words.pickUp, html`<p>${words.talk}</p>`, hangUp)}
${(['busy', 'no_answer', 'failed'] as const).map((end) => way(words.endings[end], heardThen(others[end], texts)))}
</section>`
}

function heardThen({ caller_hears: hears }: Endings['talked'], texts: Texts): Html {
  const { simulator: words } = texts
  if (hears.length === 0) return html`<p>${words.callerHearsNothing}</p>`
  return html`<p>${words.callerHears}</p>${said(hears, texts)}`
}

/** Words as they are spoken, and what is played. */
function said(hears: readonly string[], { simulator: words }: Texts): Child {
  if (hears.length === 0) return words.nothing
  return html`<ul class="said">${hears.map(
    (text) => html`<li>${text.startsWith('https://') ? words.played(text) : html`<q>${text}</q>`}</li>`,
  )}</ul>`
}

function afterPin({ after_pin: played, masking_number: dialled }: SimulationView, texts: Texts): Html {
  const { simulator: words } = texts
  return html`<h2>${words.afterPin}</h2>
${played ? phones(played, dialled, texts) : html`<p>${words.anyPin}</p>`}`
}
