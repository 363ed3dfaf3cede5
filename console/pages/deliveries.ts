import type { DeliveryPageView, DeliveryView, WebhookView } from '../../src/api/webhook-schemas.js'
import type { PostFailure } from '../../src/events/post-failures.js'
import type { ProblemView } from '../api.js'
import { CONSOLE, type Staff } from '../hooks/staff.js'
import { type Child, type Html, html } from '../html.js'
import { type Done, doneNotices } from '../parts/done.js'
import { choice, postForm } from '../parts/form.js'
import type { Page } from '../parts/layout.js'
import { problemNotice } from '../parts/problem.js'
import { nextPage, table } from '../parts/table.js'
import { badge, moment, type Tone } from '../parts/words.js'
import type { Texts } from '../texts/texts.js'
import { path, withQuery } from '../urls.js'
import { webhookUrl } from './webhooks.js'

export const DELIVERIES = `${CONSOLE}/events/deliveries`

/** What a list of deliveries was asked for: texts of a form. */
export interface DeliveryFilter {
  readonly state?: string | undefined
  readonly webhook_id?: string | undefined
}

export interface DeliveriesData {
  readonly filter: DeliveryFilter
  readonly page: DeliveryPageView
  /** Undefined for those who may not see them. */
  readonly webhooks: readonly WebhookView[] | undefined
  readonly staff: Pick<Staff, 'can' | 'formToken'>
  readonly said: Done
  readonly problem?: ProblemView | undefined
}

/** What could not be delivered, why, and to be sent again. */
export function deliveriesPage(data: DeliveriesData, texts: Texts): Page {
  const { filter, page, webhooks, staff, said, problem } = data
  const { deliveries: words } = texts
  const endpointOf = (delivery: DeliveryView) => endpointIn(webhooks ?? [], delivery.webhook_id)
  const next = page.next_cursor && withQuery(DELIVERIES, { ...filter, cursor: page.next_cursor })
  return {
    title: words.title,
    main: html`${doneNotices(said, texts)}${problemNotice(problem, texts)}<p>${words.about}</p>
${filterForm(filter, webhooks, texts)}
${deliveryTable({ deliveries: page.deliveries, staff, endpointOf }, texts)}
${next && nextPage(next, texts.frame.more)}`,
  }
}

function filterForm(
  filter: DeliveryFilter,
  webhooks: readonly WebhookView[] | undefined,
  { deliveries: words, frame }: Texts,
): Html {
  const all = ['', frame.all] as const
  const ids = webhooks?.map(({ id, url }) => [id, url] as const)
  return html`<form class="row" method="get" action="${DELIVERIES}" aria-label="${words.filter}">
<div>${choice({ label: words.state, name: 'state', value: filter.state, options: [all, ...Object.entries(words.states)] })}</div>
${ids && html`<div>${choice({ label: words.endpoint, name: 'webhook_id', value: filter.webhook_id, options: [all, ...ids] })}</div>`}
<button type="submit" class="secondary">${frame.apply}</button>
</form>`
}

export interface ListedDeliveries {
  readonly deliveries: readonly DeliveryView[]
  readonly staff: Pick<Staff, 'can' | 'formToken'>
  /** Names the endpoint of each; undefined where all are of one. */
  readonly endpointOf?: (delivery: DeliveryView) => Html
}

export function deliveryTable({ deliveries, staff, endpointOf }: ListedDeliveries, texts: Texts): Html {
  const { deliveries: words } = texts
  const isToSend = staff.can('webhooks:write')
  return table({
    caption: words.list,
    head: [
      words.event,
      ...(endpointOf ? [words.endpoint] : []),
      words.state,
      words.attempts,
      words.next,
      ...(isToSend ? [words.again] : []),
    ],
    rows: deliveries.map((delivery) => [
      html`<code>${delivery.event_id}</code>`,
      ...(endpointOf ? [endpointOf(delivery)] : []),
      html`<div class="words">${badge(words.states[delivery.state], TONES[delivery.state])} ${whyOf(delivery, texts)}</div>`,
      delivery.last_attempt_at && html`${words.times(delivery.attempts)} ${moment(delivery.last_attempt_at)}`,
      delivery.next_attempt_at && moment(delivery.next_attempt_at),
      ...(isToSend ? [againForm(delivery, staff.formToken, texts)] : []),
    ]),
    empty: words.empty,
  })
}

const TONES: Readonly<Record<DeliveryView['state'], Tone>> = { retrying: 'warn', failed: 'bad' }

/** The URL of an endpoint, or its id where the URL is not to be had. */
function endpointIn(webhooks: readonly WebhookView[], id: string): Html {
  const webhook = webhooks.find((one) => one.id === id)
  return webhook ? html`<a href="${webhookUrl(id)}">${webhook.url}</a>` : html`<code>${id}</code>`
}

/** What became of something that was sent: an answer with a status, or no answer. */
export interface Answer {
  readonly status: number | null
  readonly why: PostFailure | null
}

/** Why something was not taken, in words. */
export function whyOf({ status, why }: Answer, { deliveries: words }: Texts): Child {
  if (why !== null) return words.reasons[why]
  return status === null ? words.notYet : words.answered(status)
}

function againForm({ id, event_id: event }: DeliveryView, formToken: string, texts: Texts): Html {
  const button = html`<button type="submit" class="secondary small">${texts.deliveries.again}<span class="unseen"> ${event}</span></button>`
  return postForm(DELIVERIES + path`/${id}/again`, formToken, button)
}
