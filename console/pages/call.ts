import type { CallView } from '../../src/api/call-schemas.js'
import type { EventView } from '../../src/api/event-schemas.js'
import type { Staff } from '../hooks/staff.js'
import { type Child, type Html, html } from '../html.js'
import type { Page } from '../parts/layout.js'
import { facts, table } from '../parts/table.js'
import { moment } from '../parts/words.js'
import type { Texts } from '../texts/texts.js'
import { callUrl, outcomeBadge, reasonOf } from './calls.js'
import { sessionIfSeen } from './sessions.js'

export interface CallData {
  readonly call: CallView
  /** Those of its session that tell of it, the oldest first; undefined for those who may not see them, and where it has none. */
  readonly events: readonly EventView[] | undefined
  readonly staff: Pick<Staff, 'can'>
}

export function callPage({ call, events, staff }: CallData, texts: Texts): Page {
  const { calls: words } = texts
  return {
    title: words.one,
    main: html`<div id="call" data-live="call" hx-get="${callUrl(call.id)}" hx-select="#call" hx-trigger="change-of-data" hx-swap="outerHTML">
${factsOf(call, staff, texts)}
<h2>${words.timeline}</h2>
${timeline(call, texts)}
${events && html`<h2>${words.events}</h2>${eventTable(events, texts)}`}
</div>
${recording(call, texts)}`,
  }
}

function factsOf(call: CallView, staff: CallData['staff'], texts: Texts): Html {
  const { calls: words, sessions } = texts
  const { session_id: session, caller, called, cost } = call
  return facts([
    [words.id, html`<code>${call.id}</code>`],
    [words.outcome, outcomeBadge(call, texts)],
    [call.refused_because === undefined ? words.cause : words.refusedBecause, reasonOf(call, texts)],
    [words.endedBy, endedBy(call, texts)],
    [words.session, session && sessionIfSeen(session, staff)],
    [words.began, moment(call.began_at)],
    [words.dialled, call.masking_number && html`<code>${call.masking_number}</code>`],
    [words.caller, caller === null ? words.stranger : sessions.sides[caller]],
    [words.called, called === null ? undefined : sessions.sides[called]],
    [words.pinUsed, call.pin_used ? words.pinUsedYes : undefined],
    [words.cost, cost && `${cost.amount} ${cost.currency}`],
  ])
}

function endedBy({ ended_by: by }: CallView, { calls }: Texts): string | undefined {
  const whom: { readonly [who: string]: string } = calls.ended
  return by === null ? undefined : whom[by]
}

/** Something in the course of a call: how long it took, where that can be drawn, and the same in words. */
interface Step {
  readonly name: 'ring' | 'talk' | 'point'
  readonly seconds: number
  readonly words: Child
}

/** How a call went: drawn to scale, where the carrier has told how long things took, and in words. */
function timeline(call: CallView, { calls: words }: Texts): Html {
  const steps = stepsOf(call, words)
  return html`${drawing(steps, words)}<ol class="steps">${steps.map(
    (step) => html`<li class="${step.name}">${step.words}</li>`,
  )}</ol>`
}

function stepsOf(call: CallView, words: Texts['calls']): readonly Step[] {
  const begun = point(html`${moment(call.began_at)} ${words.hasBegun}`)
  if (call.outcome === 'refused') return [begun, point(words.wasRefused)]
  const known = [begun, ...rings(call, words), ...talks(call, words)]
  if (call.outcome === null) return [...known, point(words.goesOn)]
  const { ring_seconds: ring, talk_seconds: talk } = call
  const isTold = ring !== null && talk !== null
  return [...known, point(isTold ? words.endedAfter(words.seconds(ring + talk)) : words.hasEnded)]
}

function rings({ outcome, ring_seconds: ring }: CallView, words: Texts['calls']): readonly Step[] {
  if (ring !== null) return [{ name: 'ring', seconds: ring, words: words.rang(words.seconds(ring)) }]
  return outcome === null ? [] : [point(words.ringUnknown)]
}

function talks({ outcome, talk_seconds: talk }: CallView, words: Texts['calls']): readonly Step[] {
  if (outcome === null) return []
  if (talk === null) return [point(words.talkUnknown)]
  if (talk === 0) return [point(words.noTalk)]
  return [{ name: 'talk', seconds: talk, words: words.talked(words.seconds(talk)) }]
}

function point(words: Child): Step {
  return { name: 'point', seconds: 0, words }
}

/** Units of the drawing, of which the whole call takes all. */
const [WIDTH, HEIGHT] = [1000, 20]

/** One bar for each thing that took time, as wide as it was long. */
function drawing(steps: readonly Step[], words: Texts['calls']): Html {
  const bars = steps.filter(({ seconds }) => seconds > 0)
  const whole = bars.reduce((sum, { seconds }) => sum + seconds, 0)
  if (whole === 0) return html``
  let x = 0
  return html`<svg class="timeline" viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none" role="img" aria-labelledby="drawn">
<title id="drawn">${words.drawn(bars.map((bar) => bar.words).join(' '))}</title>
${bars.map(({ name, seconds, words: says }) => {
  const from = x
  x += (seconds / whole) * WIDTH
  return html`<rect class="${name}" x="${from.toFixed(1)}" width="${(x - from).toFixed(1)}" height="${HEIGHT}"><title>${says}</title></rect>`
})}
</svg>`
}

function eventTable(events: readonly EventView[], { calls: words, eventTypes }: Texts): Html {
  const types: { readonly [type: string]: string } = eventTypes
  return table({
    caption: words.events,
    head: [words.when, words.what],
    rows: events.map(({ timestamp, type }) => [moment(timestamp), types[type] ?? type]),
    empty: words.eventsEmpty,
  })
}

/** What there is to hear. It changes by itself until there is something: a player that is replaced falls silent. */
function recording(call: CallView, texts: Texts): Html {
  if (call.recording === 'ready') return html`<div id="recording">${player(call, texts)}</div>`
  const { calls: words } = texts
  return html`<div id="recording" data-live="recording" hx-get="${callUrl(call.id)}" hx-select="#recording" hx-trigger="change-of-data" hx-swap="outerHTML">${
    call.recording !== 'none' && html`<h2>${words.recording}</h2><p>${words.recordings[call.recording]}</p>`
  }</div>`
}

function player({ id, recording_seconds: seconds }: CallView, { calls: words }: Texts): Html {
  const url = `${callUrl(id)}/recording`
  return html`<h2>${words.recording}</h2>
<audio controls preload="none" src="${url}" aria-label="${words.recordingOf}"></audio>
<p>${seconds !== undefined && `${words.seconds(seconds)}. `}<a href="${url}">${words.recordingAlone}</a>. ${words.recordingHelp}</p>`
}
