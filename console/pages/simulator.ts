import type { SessionView } from '../../src/api/session-schemas.js'
import type { SimulationView } from '../../src/api/simulation-schemas.js'
import type { ApiReply } from '../api.js'
import { CONSOLE, type Staff } from '../hooks/staff.js'
import { type Html, html } from '../html.js'
import { choice, field, postForm } from '../parts/form.js'
import type { Page } from '../parts/layout.js'
import { problemNotice } from '../parts/problem.js'
import type { Texts } from '../texts/texts.js'
import { withQuery } from '../urls.js'
import { SESSIONS } from './sessions.js'
import { simulationPart } from './simulation.js'

export const SIMULATOR = `${CONSOLE}/simulator`
/** Where any phone calls. Its number comes in the body of a form. */
export const ANY_PHONE = `${SIMULATOR}/number`

/** A call of a participant. All of it may stand in a URL. */
export interface ParticipantCall {
  readonly session: string
  readonly caller: 0 | 1
  /** Whose masking number they dial. */
  readonly dials: 'own' | 'other'
  /** Seconds from now; what is no number is refused by the API. */
  readonly ahead: number | string
}

/** Who is asked for what they may do, and for the token of their forms. */
type Reader = Pick<Staff, 'can' | 'formToken'>

export interface ParticipantData {
  readonly staff: Reader
  /** Undefined until somebody was chosen. */
  readonly call: ParticipantCall | undefined
  /** Those that can be chosen, with the chosen one; undefined for those who may not see sessions. */
  readonly sessions: readonly SessionView[] | undefined
  readonly simulated: ApiReply<SimulationView> | undefined
}

type SomeCall = Pick<ParticipantCall, 'session' | 'caller'> & Partial<ParticipantCall>

/** Where a call of a participant is simulated: now and on their own number, unless more is said. */
export function simulationUrl({ session, caller, dials = 'own', ahead = 0 }: SomeCall): string {
  return withQuery(SIMULATOR, {
    session,
    caller,
    ...(dials === 'other' && { dials }),
    ...(ahead !== 0 && { ahead }),
  })
}

export function participantPage(data: ParticipantData, texts: Texts): Page {
  const { staff, call, sessions, simulated } = data
  const { simulator: words } = texts
  const hasNobody = sessions?.length === 0
  return {
    title: words.title,
    main: html`${intro(SIMULATOR, texts)}
${hasNobody ? nobody(staff, texts) : participantForm(data, texts)}
${simulated?.problem && problemNotice(simulated.problem, texts)}
${call && simulated?.body && simulationPart(simulated.body, { staff, moves: moves(call, data, simulated.body, texts) }, texts)}
${!call && !hasNobody && html`<p class="empty">${words.choose}</p>`}`,
  }
}

function intro(at: string, { simulator: words }: Texts): Html {
  const link = (url: string, text: string) =>
    html`<li><a href="${url}"${url === at && html` aria-current="page"`}>${text}</a></li>`
  return html`<p>${words.about}</p>
<nav class="modes" aria-label="${words.modes}"><ul>${link(SIMULATOR, words.participant)}${link(ANY_PHONE, words.number)}</ul></nav>`
}

/** There is no session to choose from. */
function nobody(staff: Reader, { simulator: words }: Texts): Html {
  return html`<p class="empty">${words.first} ${words.firstStep}${
    staff.can('sessions:write') && html` <a href="${SESSIONS}/new">${words.openOne}</a>`
  }</p>`
}

function participantForm({ call, sessions }: ParticipantData, texts: Texts): Html {
  const { simulator: words, sessions: named } = texts
  const session = sessions
    ? choice({
        label: words.session,
        name: 'session',
        value: call?.session,
        options: sessions.map(optionOf(texts)),
      })
    : field({ label: words.sessionId, name: 'session', value: call?.session, isRequired: true })
  const sides = Object.entries(named.sides)
  return html`<form class="row" method="get" action="${SIMULATOR}" aria-label="${words.dial}">
<div>${session}</div>
<div>${choice({ label: words.caller, name: 'caller', value: String(call?.caller ?? 0), options: sides })}</div>
${sessions && html`<div>${choice({ label: words.dials, name: 'dials', value: call?.dials, options: Object.entries(words.whichNumber) })}</div>`}
${timeFields(call?.ahead, texts)}
<button type="submit">${words.dial}</button>
</form>`
}

function optionOf({ simulator: words }: Texts) {
  return ({ id, external_id, participants }: SessionView) => {
    const hints = participants.map(({ hint }) => hint)
    return [id, words.sessionOf(external_id ?? id, hints)] as const
  }
}

/** When the call is made: a usual step, the one that was chosen, or so many hours. */
function timeFields(ahead: number | string = 0, { simulator: words }: Texts): Html {
  const usual = Object.entries(words.steps)
  const isUsual = typeof ahead === 'string' || Object.hasOwn(words.steps, ahead)
  const options = isUsual ? usual : [...usual, [String(ahead), words.ahead(ahead)] as const]
  return html`<div>${choice({ label: words.when, name: 'ahead', value: String(ahead), options })}</div>
<div>${field({ label: words.hours, name: 'hours', type: 'number' })}</div>`
}

/** What is one click away from a call of a participant: another time, the end of the session, and the other caller. */
function moves(
  call: ParticipantCall,
  { sessions }: ParticipantData,
  view: SimulationView,
  texts: Texts,
): Html {
  const { simulator: words } = texts
  const end = aheadOfEnd(
    call,
    sessions?.find(({ id }) => id === call.session),
    view,
  )
  const steps = Object.entries(words.steps).map(([seconds, text]) => [Number(seconds), text] as const)
  const all = end === undefined ? steps : [...steps, [end, words.whenEnded] as const]
  const others = { ...call, caller: call.caller === 0 ? 1 : 0 } as const
  return html`<nav class="modes" aria-label="${words.move}"><ul>${all.map(
    ([ahead, text]) =>
      html`<li><a href="${simulationUrl({ ...call, ahead })}"${ahead === call.ahead && html` aria-current="true"`}>${text}</a></li>`,
  )}<li><a href="${simulationUrl(others)}">${words.otherCalls}</a></li></ul></nav>`
}

/** Seconds from now until an open session has ended. Now is what the service took for it. */
function aheadOfEnd({ ahead }: ParticipantCall, session: SessionView | undefined, { at }: SimulationView) {
  if (session?.status !== 'open') return undefined
  const now = Date.parse(at) - Number(ahead) * 1_000
  return Math.max(Math.ceil((Date.parse(session.expires_at) - now) / 1_000), 0)
}

export interface AnyPhoneData {
  readonly staff: Reader
  /** Undefined until somebody has dialled. */
  readonly simulated?: ApiReply<SimulationView>
}

/** Where any phone dials. With scripts its number stays in the field, to dial again at another time. */
export function anyPhonePage({ staff, simulated }: AnyPhoneData, texts: Texts): Page {
  const { simulator: words } = texts
  const from = field({ label: words.from, name: 'from', type: 'tel', isRequired: true, help: words.fromHelp })
  const to = field({ label: words.to, name: 'to', type: 'tel', isRequired: true, help: words.toHelp })
  return {
    title: words.title,
    main: html`${intro(ANY_PHONE, texts)}
<div hx-boost="true" hx-push-url="false" hx-target="#simulated" hx-select="#simulation" hx-swap="innerHTML show:none ignoreTitle:true">${postForm(
      ANY_PHONE,
      staff.formToken,
      html`<div class="panels"><div>${from}</div><div>${to}</div></div>
<div class="row">${timeFields(undefined, texts)}</div>
<button type="submit">${words.dial}</button>`,
    )}</div>
<div id="simulated" aria-live="polite">${simulated && html`<div id="simulation">${problemNotice(simulated.problem, texts)}${simulated.body && simulationPart(simulated.body, { staff }, texts)}</div>`}</div>`,
  }
}
