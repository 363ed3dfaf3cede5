import type { CallView } from '../../src/api/call-schemas.js'
import type { EventView } from '../../src/api/event-schemas.js'
import type { SessionView } from '../../src/api/session-schemas.js'
import type { ProblemView } from '../api.js'
import type { Staff } from '../hooks/staff.js'
import { type Html, html } from '../html.js'
import { choice, field, postForm } from '../parts/form.js'
import type { Page } from '../parts/layout.js'
import { doneNotice, problemNotice } from '../parts/problem.js'
import { facts, table } from '../parts/table.js'
import { moment, toCopy } from '../parts/words.js'
import type { Texts } from '../texts/texts.js'
import { path } from '../urls.js'
import { callTable } from './calls.js'
import { SESSIONS, sessionLink, statusBadge } from './sessions.js'
import { simulationUrl } from './simulator.js'

/** A session as the API shows it; with PINs where it has just made some. */
export interface ShownSession extends Omit<SessionView, 'participants'> {
  readonly durable?: boolean
  readonly participants: readonly (SessionView['participants'][number] & { readonly pin?: string })[]
}

export interface SessionData {
  readonly session: ShownSession
  /** Undefined for those who may not see them. */
  readonly calls: readonly CallView[] | undefined
  readonly events: readonly EventView[] | undefined
  readonly staff: Pick<Staff, 'can' | 'formToken'>
  /** What was just done, and what went wrong. */
  readonly done?: string | undefined
  readonly problem?: ProblemView | undefined
}

export function sessionPage(data: SessionData, texts: Texts): Page {
  const { session, calls, events, staff, done, problem } = data
  const { sessions: words, frame } = texts
  const isOpen = session.status === 'open'
  const url = SESSIONS + path`/${session.id}`
  return {
    title: words.one,
    main: html`${doneNotice(done)}${session.durable === false && html`<p class="notice warn">${frame.durableNot}</p>`}${problemNotice(problem, texts)}
<div id="session" data-live="session call" hx-get="${url}" hx-select="#session" hx-trigger="change-of-data" hx-swap="outerHTML">
${facts([
  [words.id, html`<code>${session.id}</code>`],
  [words.status, statusBadge(session.status, texts)],
  [words.externalId, session.external_id],
  [words.created, moment(session.created_at)],
  [words.expires, moment(session.expires_at)],
  [words.closed, session.closed_at && moment(session.closed_at)],
])}
<h2>${words.participants}</h2>
${participantTable(session, texts)}
${staff.can('explain') && simulations(session.id, texts)}
${calls && html`<h2>${texts.calls.title}</h2>${callTable(calls, texts)}`}
${events && html`<h2>${words.timeline}</h2>${timeline(events, texts)}`}
</div>
${settings(session, texts)}
${isOpen && staff.can('sessions:write') && changes(url, staff.formToken, texts)}`,
  }
}

function participantTable({ participants }: ShownSession, texts: Texts): Html {
  const { sessions: words, frame } = texts
  const hasPins = participants.some(({ pin }) => pin !== undefined)
  return html`${hasPins && html`<p class="notice warn">${words.pinsOnce}</p>`}${table({
    caption: words.participants,
    head: [words.participant, words.hint, words.dials, ...(hasPins ? [words.pin] : [])],
    rows: participants.map(({ hint, masking_number, pin, pin_only }, side) => [
      words.sides[side as 0 | 1],
      hint,
      html`${toCopy(masking_number, frame.copy)}${pin_only && html` ${words.pinOnly}`}`,
      ...(hasPins ? [pin && toCopy(pin, frame.copy)] : []),
    ]),
    empty: '',
  })}`
}

/** Leads to a call of each of the two that nobody makes. */
function simulations(id: string, { sessions, simulator }: Texts): Html {
  const links = ([0, 1] as const).map(
    (caller) =>
      html`<a role="button" class="secondary small" href="${simulationUrl({ session: id, caller })}">${simulator.simulateOf(sessions.sides[caller])}</a>`,
  )
  return html`<div class="row">${links}</div>`
}

/** What happened, the newest first. */
function timeline(events: readonly EventView[], { sessions: words, eventTypes }: Texts): Html {
  return table({
    caption: words.timeline,
    head: [words.when, words.what],
    rows: events.map(({ timestamp, type }) => [moment(timestamp), eventTypes[type]]),
    empty: words.timelineEmpty,
  })
}

/** What the session says of itself and of its calls, as it was given. */
function settings({ metadata, call }: ShownSession, { sessions: words }: Texts): Html {
  if (!metadata && !call) return html``
  return html`<details><summary>${words.settings}</summary><pre>${JSON.stringify({ metadata, call }, null, 2)}</pre></details>`
}

function changes(url: string, formToken: string, { sessions: words }: Texts): Html {
  const extend = html`${field({ label: words.minutes, name: 'minutes', type: 'number', isRequired: true, value: '60', help: words.extendHelp })}<button type="submit">${words.extend}</button>`
  const sides = Object.entries(words.sides)
  const replace = html`${choice({ label: words.participant, name: 'side', options: sides })}${field({ label: words.newNumber, name: 'number', type: 'tel', isRequired: true, help: words.replaceHelp })}<button type="submit">${words.replace}</button>`
  return html`<h2>${words.change}</h2>
<div class="panels">
<section class="panel" aria-label="${words.extend}">${postForm(`${url}/extend`, formToken, extend)}</section>
<section class="panel" aria-label="${words.replace}">${postForm(`${url}/replace`, formToken, replace)}</section>
<section class="panel"><p>${words.closeHelp}</p><a role="button" class="secondary" href="${url}/close">${words.close}</a></section>
</div>`
}

export interface CloseData {
  readonly session: SessionView
  /** Calls that go on; undefined for those who may not see them. */
  readonly liveCalls: number | undefined
  readonly formToken: string
}

/** Asks once, and says what it will do. */
export function closePage({ session, liveCalls, formToken }: CloseData, texts: Texts): Page {
  const { sessions: words, frame } = texts
  const url = SESSIONS + path`/${session.id}`
  const form = html`${liveCalls !== 0 && html`<label><input type="checkbox" name="hang_up" value="yes"> ${words.hangUp}</label>`}
<div class="row"><button type="submit">${words.closeNow}</button> <a role="button" class="secondary" href="${url}">${frame.cancel}</a></div>`
  return {
    title: words.closeTitle,
    main: html`<p>${sessionLink(session.id)} ${session.external_id}</p>
<p>${words.closeAbout}</p>
<p><strong>${liveCalls === undefined ? words.liveUnknown : words.live(liveCalls)}</strong></p>
${postForm(`${url}/close`, formToken, form)}`,
  }
}

export interface NewSessionData {
  readonly given: Readonly<Record<string, string>>
  readonly problem?: ProblemView | undefined
  readonly formToken: string
}

/** The form for a new session. Numbers of people are not shown again, also where something was wrong. */
export function newSessionPage({ given, problem, formToken }: NewSessionData, texts: Texts): Page {
  const { sessions: words } = texts
  const form = html`${([0, 1] as const).map((side) =>
    field({
      label: words.numberOf(words.sides[side]),
      name: `number-${side}`,
      type: 'tel',
      isRequired: true,
    }),
  )}
${field({ label: words.externalId, name: 'external_id', value: given.external_id, help: words.externalIdHelp })}
${field({ label: words.minutes, name: 'minutes', type: 'number', value: given.minutes ?? '', help: words.minutesHelp })}
${field({ label: words.greeting, name: 'greeting', value: given.greeting, help: words.greetingHelp })}
<button type="submit">${words.open}</button>`
  return {
    title: words.open,
    main: html`${problemNotice(problem, texts)}<p>${words.openAbout}</p><section class="narrow">${postForm(`${SESSIONS}/new`, formToken, form)}</section>`,
  }
}
