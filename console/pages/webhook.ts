import type { DeliveryView, WebhookView } from '../../src/api/webhook-schemas.js'
import type { ProblemView } from '../api.js'
import type { Staff } from '../hooks/staff.js'
import { type Html, html } from '../html.js'
import { type Done, doneNotices } from '../parts/done.js'
import { field, postForm } from '../parts/form.js'
import type { Page } from '../parts/layout.js'
import { doneNotice, problemNotice } from '../parts/problem.js'
import { facts } from '../parts/table.js'
import { moment, toCopy } from '../parts/words.js'
import type { Texts } from '../texts/texts.js'
import { type Answer, deliveryTable, whyOf } from './deliveries.js'
import { type WebhookForm, webhookFields } from './webhook-form.js'
import { eventsOf, stateOf, WEBHOOKS, webhookUrl } from './webhooks.js'

/** What came of a test, as the API says it. */
export interface Tested extends Answer {
  readonly delivered: boolean
}

/** What became of sending past events again, as the API says it. */
export interface Redelivered {
  readonly events: number
  readonly more_since: string | null
}

/** What the page says of what was just done. */
export interface WebhookSaid extends Done {
  /** Shown this once. */
  readonly secret?: string | undefined
  readonly tested?: Tested | undefined
  readonly redelivered?: Redelivered | undefined
  readonly problem?: ProblemView | undefined
  /** What was typed where it was refused. */
  readonly given?: WebhookForm | undefined
}

export interface WebhookData {
  readonly webhook: WebhookView
  /** What it did not take; undefined for those who may not see that. */
  readonly deliveries: readonly DeliveryView[] | undefined
  readonly staff: Pick<Staff, 'can' | 'formToken'>
  readonly said: WebhookSaid
}

/** One endpoint, and what can be done with it. */
export function webhookPage({ webhook, deliveries, staff, said }: WebhookData, texts: Texts): Page {
  const { webhooks: words } = texts
  const url = webhookUrl(webhook.id)
  return {
    title: words.one,
    main: html`${notices(said, texts)}
<div id="webhook" data-live="webhook" hx-get="${url}" hx-select="#webhook" hx-trigger="change-of-data" hx-swap="outerHTML">
${facts([
  [words.id, html`<code>${webhook.id}</code>`],
  [words.url, webhook.url],
  [words.fallback, webhook.fallback_url],
  [words.state, stateOf(webhook, texts)],
  [words.offSince, webhook.off_since && moment(webhook.off_since)],
  [words.failingSince, webhook.failing_since && moment(webhook.failing_since)],
  [words.events, eventsOf(webhook, texts)],
  [words.description, webhook.description],
  [words.oldSecretUntil, webhook.old_secret_until && moment(webhook.old_secret_until)],
  [words.created, moment(webhook.created_at)],
])}
</div>
${deliveries && html`<h2>${words.deliveries}</h2>${deliveryTable({ deliveries, staff }, texts)}`}
${staff.can('webhooks:write') && changes({ webhook, given: said.given ?? webhook, formToken: staff.formToken }, texts)}`,
  }
}

function notices({ secret, tested, redelivered, problem, ...done }: WebhookSaid, texts: Texts): Html {
  const { webhooks: words, frame } = texts
  return html`${doneNotices(done, texts)}${problemNotice(problem, texts)}${
    secret &&
    html`<div class="notice warn"><p>${words.secretOnce}</p><p>${words.secret}: ${toCopy(secret, frame.copy)}</p></div>`
  }${tested && testNotice(tested, texts)}${redelivered && redeliveredNotice(redelivered, texts)}`
}

function testNotice({ delivered, ...answer }: Tested, texts: Texts): Html {
  const { webhooks: words } = texts
  if (delivered) return doneNotice(words.testTaken(Number(answer.status)))
  return html`<p role="alert" class="notice bad"><strong>${words.testNotTaken}</strong> ${whyOf(answer, texts)}</p>`
}

function redeliveredNotice({ events, more_since: more }: Redelivered, { webhooks: words }: Texts): Html {
  return html`${doneNotice(words.redelivered(events))}${more && html`<p>${words.moreSince} ${moment(more)}</p>`}`
}

interface Change {
  readonly webhook: WebhookView
  /** What stands in the fields. */
  readonly given: WebhookForm
  readonly formToken: string
}

function changes({ webhook, given, formToken }: Change, texts: Texts): Html {
  const { webhooks: words } = texts
  const url = webhookUrl(webhook.id)
  const [next, help, name] =
    webhook.state === 'on'
      ? (['off', words.switchOffHelp, words.switchOff] as const)
      : (['on', words.switchOnHelp, words.switchOn] as const)
  const keepOld = field({
    label: words.keepOld,
    name: 'minutes',
    type: 'number',
    value: '',
    help: words.rotateHelp,
  })
  const since = field({
    label: words.since,
    name: 'since',
    type: 'datetime-local',
    isRequired: true,
    help: words.sinceHelp,
  })
  const form = (action: string, title: string, ...children: readonly Html[]) =>
    html`<section class="panel" aria-label="${title}">${postForm(`${url}/${action}`, formToken, ...children)}</section>`
  return html`<h2>${words.change}</h2>
<div class="panels">
${form('test', words.test, html`<p>${words.testHelp}</p><button type="submit">${words.test}</button>`)}
${form('state', name, html`<p>${help}</p><button type="submit" name="state" value="${next}">${name}</button>`)}
${form('rotate', words.rotate, keepOld, html`<button type="submit">${words.rotate}</button>`)}
${webhook.state === 'on' && form('redeliver', words.redeliver, since, html`<button type="submit">${words.redeliver}</button>`)}
<section class="panel" aria-label="${words.remove}"><p>${words.removeHelp}</p><a role="button" class="secondary" href="${url}/remove">${words.remove}</a></section>
</div>
<h2>${words.settings}</h2>
<section>${postForm(`${url}/change`, formToken, webhookFields(given, texts), html`<div class="narrow"><button type="submit">${words.save}</button></div>`)}</section>`
}

export interface RemoveWebhookData {
  readonly webhook: WebhookView
  readonly formToken: string
}

/** Asks once, and says what it will do. */
export function removeWebhookPage({ webhook, formToken }: RemoveWebhookData, texts: Texts): Page {
  const { webhooks: words, frame } = texts
  const url = webhookUrl(webhook.id)
  const buttons = html`<div class="row"><button type="submit">${words.removeNow}</button> <a role="button" class="secondary" href="${url}">${frame.cancel}</a></div>`
  return {
    title: words.removeTitle,
    main: html`<p><strong>${webhook.url}</strong> ${webhook.description}</p>
<p>${words.removeAbout}</p>
${postForm(`${url}/remove`, formToken, buttons)}`,
  }
}

export interface NewWebhookData {
  readonly given: WebhookForm
  readonly problem?: ProblemView | undefined
  readonly formToken: string
}

/** The form for a new endpoint. */
export function newWebhookPage({ given, problem, formToken }: NewWebhookData, texts: Texts): Page {
  const { webhooks: words } = texts
  const form = html`${webhookFields(given, texts)}<div class="narrow"><button type="submit">${words.add}</button></div>`
  return {
    title: words.add,
    main: html`${problemNotice(problem, texts)}<p>${words.addAbout}</p>${postForm(`${WEBHOOKS}/new`, formToken, form)}`,
  }
}
