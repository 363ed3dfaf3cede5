import type { CallView } from '../../src/api/call-schemas.js'
import { CONSOLE } from '../hooks/staff.js'
import { type Html, html } from '../html.js'
import { table } from '../parts/table.js'
import { badge, moment, type Tone } from '../parts/words.js'
import type { Texts } from '../texts/texts.js'
import { path } from '../urls.js'

export const CALLS = `${CONSOLE}/calls`

export function callTable(calls: readonly CallView[], texts: Texts, empty = texts.calls.empty): Html {
  const { calls: words } = texts
  return table({
    caption: words.list,
    head: [words.began, words.outcome, words.dialled, words.caller, words.talk],
    rows: calls.map((call) => [
      html`<a href="${CONSOLE}${path`/calls/${call.id}`}">${moment(call.began_at)}</a>`,
      outcomeBadge(call, texts),
      call.masking_number && html`<code>${call.masking_number}</code>`,
      call.caller === null ? words.stranger : texts.sessions.sides[call.caller],
      call.talk_seconds ? words.seconds(call.talk_seconds) : '',
    ]),
    empty,
  })
}

const TONES: Readonly<Record<string, Tone>> = { talked: 'good', refused: 'bad', failed: 'bad', live: 'warn' }

/** What became of a call, or that it goes on. */
export function outcomeBadge({ outcome }: Pick<CallView, 'outcome'>, { calls }: Texts): Html {
  return badge(calls.outcomes[outcome ?? 'live'], TONES[outcome ?? 'live'] ?? 'calm')
}
