import type { WebhookView } from '../../src/api/webhook-schemas.js'
import { CONSOLE } from '../hooks/staff.js'
import { type Html, html } from '../html.js'
import { type Done, doneNotices } from '../parts/done.js'
import type { Page } from '../parts/layout.js'
import { table } from '../parts/table.js'
import { badge, moment, type Tone } from '../parts/words.js'
import type { Texts } from '../texts/texts.js'
import { path } from '../urls.js'

export const WEBHOOKS = `${CONSOLE}/webhooks`

export function webhookUrl(id: string): string {
  return WEBHOOKS + path`/${id}`
}

export interface WebhooksData {
  readonly webhooks: readonly WebhookView[]
  readonly mayChange: boolean
  readonly said: Done
}

/** All endpoints. */
export function webhooksPage({ webhooks, mayChange, said }: WebhooksData, texts: Texts): Page {
  const { webhooks: words } = texts
  return {
    title: words.title,
    main: html`${doneNotices(said, texts)}<p>${words.about}</p>
${mayChange && html`<p><a role="button" href="${WEBHOOKS}/new">${words.add}</a></p>`}
<div id="webhooks" data-live="webhook" hx-get="${WEBHOOKS}" hx-select="#webhooks" hx-trigger="change-of-data" hx-swap="outerHTML">
${table({
  caption: words.list,
  head: [words.url, words.state, words.events, words.description, words.created],
  rows: webhooks.map((webhook) => [
    html`<a href="${webhookUrl(webhook.id)}">${webhook.url}</a>`,
    stateOf(webhook, texts),
    eventsOf(webhook, texts),
    webhook.description,
    moment(webhook.created_at),
  ]),
  empty: mayChange ? words.empty : words.emptyToRead,
})}
</div>`,
  }
}

const TONES: Readonly<Record<keyof Texts['webhooks']['states'], Tone>> = {
  on: 'good',
  failing: 'warn',
  off: 'bad',
}

/** Whether events are sent to it, and why not. */
export function stateOf(webhook: WebhookView, { webhooks: words }: Texts): Html {
  const isFailing = webhook.state === 'on' && webhook.failing_since !== null
  const state = isFailing ? 'failing' : webhook.state
  const why = webhook.off_because && words.offBecause[webhook.off_because]
  return html`${badge(words.states[state], TONES[state])}${why && html` ${why}`}`
}

export function eventsOf({ events }: WebhookView, { webhooks: words }: Texts): Html {
  return html`${events.map((name) => (name === '*' ? words.allEvents : html`<code>${name}</code> `))}`
}
