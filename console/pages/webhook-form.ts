import { FILTERS, type WebhookView } from '../../src/api/webhook-schemas.js'
import { type Html, html } from '../html.js'
import { box } from '../parts/choose.js'
import { field } from '../parts/form.js'
import type { Texts } from '../texts/texts.js'

/** What can be said of an endpoint. */
export type WebhookForm = Pick<WebhookView, 'url' | 'fallback_url' | 'events' | 'description'>

/** The fields for an endpoint. */
export function webhookFields(
  { url, fallback_url: fallback, events, description }: WebhookForm,
  texts: Texts,
): Html {
  const { webhooks: words } = texts
  return html`<div class="narrow">
${field({ label: words.url, name: 'url', type: 'url', value: url, isRequired: true, help: words.urlHelp })}
${field({ label: words.fallback, name: 'fallback_url', type: 'url', value: fallback ?? '', help: words.fallbackHelp })}
${field({ label: words.description, name: 'description', value: description, help: words.descriptionHelp })}
</div>
${eventBoxes(events, texts)}`
}

/** Boxes for everything, for all of one kind, and for each type. */
function eventBoxes(events: readonly string[], { webhooks: words, eventTypes }: Texts): Html {
  const tick = (value: string, label: string) =>
    box({ label, name: 'events', value, isTicked: events.includes(value) })
  const isForAll = events.every((name) => name === '*')
  return html`<fieldset><legend>${words.events}</legend>
${tick('*', words.allEvents)}
<details${!isForAll && html` open`}><summary>${words.someEvents}</summary>
<div class="panels">${Object.entries(words.kinds).map(
    ([kind, name]) => html`<fieldset class="panel"><legend>${name}</legend>
${FILTERS.filter((filter) => filter.startsWith(`${kind}.`)).map((filter) => tick(filter, wordsFor(filter)))}
</fieldset>`,
  )}</div></details>
</fieldset>`

  function wordsFor(filter: string): string {
    const types: { readonly [type: string]: string } = eventTypes
    return types[filter] ?? words.allOfKind
  }
}
