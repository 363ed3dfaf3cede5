import type { CallView } from '../../src/api/call-schemas.js'
import type { ExplanationView } from '../../src/api/explanation-schemas.js'
import type { FoundSessionsView } from '../../src/api/person-schemas.js'
import { hint } from '../../src/masking/phone-number.js'
import { readSpelling } from '../../src/masking/spelling.js'
import type { ApiReply } from '../api.js'
import { CONSOLE, type Staff } from '../hooks/staff.js'
import { type Html, html } from '../html.js'
import { field, postForm } from '../parts/form.js'
import type { Page } from '../parts/layout.js'
import { problemNotice } from '../parts/problem.js'
import { facts, table } from '../parts/table.js'
import { moment, type Tone } from '../parts/words.js'
import type { Texts } from '../texts/texts.js'
import { callUrl, outcomeBadge, reasonOf } from './calls.js'
import { sessionIfSeen, statusBadge } from './sessions.js'

export const WHY = `${CONSOLE}/why`

export interface WhyData {
  readonly staff: Pick<Staff, 'can' | 'formToken'>
  /** Undefined until somebody has asked. */
  readonly answer?: WhyAnswer
}

export interface WhyAnswer {
  /** The caller's number as it was typed: of it, a hint alone is shown. */
  readonly caller: string
  readonly explained: ApiReply<ExplanationView>
  /** Undefined for those who may not search by a number. */
  readonly found: ApiReply<FoundSessionsView> | undefined
}

export function whyPage({ staff, answer }: WhyData, texts: Texts): Page {
  return {
    title: texts.why.title,
    main: whyForm(staff.formToken, texts, answer && part(answer, staff, texts)),
  }
}

/** The form, and the place below it where the answer appears, without another page where there are scripts. */
export function whyForm(formToken: string, texts: Texts, answer?: Html): Html {
  const { why: words } = texts
  const caller = field({
    label: words.caller,
    name: 'caller',
    type: 'tel',
    isRequired: true,
    help: words.callerHelp,
  })
  const dialled = field({
    label: words.dialled,
    name: 'dialled',
    type: 'tel',
    isRequired: true,
    help: words.dialledHelp,
  })
  return html`<p>${words.about}</p>
<div hx-boost="true" hx-push-url="false" hx-target="#why" hx-select="#why-answer" hx-swap="innerHTML show:none ignoreTitle:true">${postForm(
    WHY,
    formToken,
    html`<div class="panels"><div>${caller}</div><div>${dialled}</div></div><div class="narrow"><button type="submit">${words.ask}</button></div>`,
  )}</div>
<div id="why" aria-live="polite">${answer}</div>`
}

function part({ caller, explained, found }: WhyAnswer, staff: WhyData['staff'], texts: Texts): Html {
  const { body, problem } = explained
  return html`<div id="why-answer">${problemNotice(problem, texts)}${body && verdict(body, caller, staff, texts)}${
    body && found && sessionsOf(found, staff, texts)
  }</div>`
}

function verdict(view: ExplanationView, caller: string, staff: WhyData['staff'], texts: Texts): Html {
  const { why: words } = texts
  const { masking_number: dialled, session_id: session, session_ended_at: endedAt } = view
  const [title, tone] = verdictOf(view, texts)
  const rules: { readonly [rule: string]: { readonly why: string; readonly todo: string } } = words.rules
  const { why, todo } = rules[view.rule] ?? { why: view.explanation, todo: '' }
  return html`<h2>${title}</h2>
<div class="notice ${tone}"><strong>${why}</strong> ${todo}</div>
${facts([
  [words.callerEndsIn, hintOf(caller)],
  [words.maskingNumber, dialled === undefined ? words.notOurs : html`<code>${dialled}</code>`],
  [words.session, session && sessionIfSeen(session, staff)],
  [words.ended, endedAt && moment(endedAt)],
])}
${session !== undefined && staff.can('calls:read') && lastTime(view.last_call, texts)}`
}

function verdictOf({ outcome, rule }: ExplanationView, { why }: Texts): readonly [title: string, tone: Tone] {
  if (outcome === 'refuse') return [why.refuses, 'bad']
  return rule === 'pin_needed' ? [why.asksPin, 'warn'] : [why.connects, 'good']
}

/** What may be shown of a number that somebody typed. */
function hintOf(text: string): string | undefined {
  const digits = hint(readSpelling(text)?.digits ?? '')
  return digits && `…${digits}`
}

function lastTime(call: CallView | undefined, texts: Texts): Html {
  const { why: words, calls } = texts
  if (!call) return html`<h2>${words.lastTime}</h2><p class="empty">${words.lastTimeNone}</p>`
  return html`<h2>${words.lastTime}</h2>
${facts([
  [calls.began, moment(call.began_at)],
  [calls.outcome, outcomeBadge(call, texts)],
  [calls.talk, call.talk_seconds ? calls.seconds(call.talk_seconds) : undefined],
  [calls.cause, reasonOf(call, texts)],
])}
<p><a href="${callUrl(call.id)}">${words.toCall}</a></p>`
}

/** Codes of the API for what is no number of a person: a call may come from such, but nobody is looked for by it. */
const NO_PERSON = ['invalid_number', 'masking_number_as_participant', 'invalid_request']

/** Which session it may be about, and what the caller dials in each. */
function sessionsOf(
  { body, problem }: ApiReply<FoundSessionsView>,
  staff: WhyData['staff'],
  texts: Texts,
): Html {
  const { why: words, sessions } = texts
  if (problem)
    return html`<h2>${words.sessions}</h2>${
      NO_PERSON.includes(problem.code)
        ? html`<p class="empty">${words.noPerson}</p>`
        : problemNotice(problem, texts)
    }`
  return html`<h2>${words.sessions}</h2>
${body.sessions.length > 0 && html`<p>${words.sessionsAbout}</p>`}
${table({
  caption: words.sessions,
  head: [sessions.id, sessions.status, sessions.dials, sessions.externalId, sessions.created, sessions.ends],
  rows: body.sessions.map((session) => [
    sessionIfSeen(session.id, staff),
    statusBadge(session.status, texts),
    dialsIn(session, texts),
    session.external_id,
    moment(session.created_at),
    moment(session.closed_at ?? session.expires_at),
  ]),
  empty: words.sessionsNone,
})}
${body.more && html`<p>${sessions.foundMore}</p>`}`
}

type FoundSession = FoundSessionsView['sessions'][number]

function dialsIn({ participant, participants }: FoundSession, { why, sessions }: Texts): Html {
  const person = participant === null ? undefined : participants[participant]
  if (!person) return html`${why.replaced}`
  return html`<code>${person.masking_number}</code>${person.pin_only && html` ${sessions.pinOnly}`}`
}
