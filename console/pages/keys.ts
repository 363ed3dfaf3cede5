import type { KeyView } from '../../src/api/key-schemas.js'
import { CONSOLE, type Staff } from '../hooks/staff.js'
import { type Child, type Html, html } from '../html.js'
import { field, postForm } from '../parts/form.js'
import type { Page } from '../parts/layout.js'
import { doneNotice } from '../parts/problem.js'
import { table } from '../parts/table.js'
import { badge, moment, type Tone } from '../parts/words.js'
import type { Texts } from '../texts/texts.js'
import { path } from '../urls.js'

export const KEYS = `${CONSOLE}/keys`
/** Where the forms go that end sign-ins. */
export const SIGN_INS = `${KEYS}/sign-ins`

export interface KeysData {
  readonly keys: readonly KeyView[]
  readonly staff: Pick<Staff, 'name' | 'formToken'>
  /** What was just done. */
  readonly done?: string | undefined
  /** What is wrong with the name whose sign-ins were to be ended. */
  readonly wrongName?: string | undefined
}

export function keysPage({ keys, staff, done, wrongName }: KeysData, texts: Texts): Page {
  const { keys: words } = texts
  return {
    title: words.title,
    main: html`${doneNotice(done)}<p>${words.about}</p>
<p><a role="button" href="${KEYS}/new">${words.make}</a></p>
${table({
  caption: words.list,
  head: [words.name, words.scopesOf, words.status, words.origin, words.expires, words.created, words.change],
  rows: keys.map((key) => [
    html`<strong>${key.name}</strong>${key.name === staff.name && html` (${words.own})`}`,
    scopesOf(key),
    statusBadge(key, texts),
    words.origins[key.origin],
    key.expires_at === undefined ? words.never : moment(key.expires_at),
    key.created_at && moment(key.created_at),
    key.status === 'valid' && changes(key, staff.formToken, texts),
  ]),
  empty: words.empty,
})}
<h2>${words.signIns}</h2>
${signInsForm(staff.formToken, wrongName, texts)}`,
  }
}

export function scopesOf({ scopes }: Pick<KeyView, 'scopes'>): Child {
  return scopes.map((scope) => html`<code>${scope}</code> `)
}

const TONES: Readonly<Record<KeyView['status'], Tone>> = { valid: 'good', expired: 'calm', revoked: 'bad' }

export function statusBadge({ status }: Pick<KeyView, 'status'>, { keys }: Texts): Html {
  return badge(keys.statuses[status], TONES[status])
}

/** What can be done to a key that holds. One of the configuration can only be taken out there. */
function changes({ name, origin }: KeyView, formToken: string, { keys: words }: Texts): Html {
  const end = html`<input type="hidden" name="name" value="${name}"><button type="submit" class="secondary small" aria-label="${words.endSignInsOf(name)}">${words.endSignIns}</button>`
  return html`<div class="actions">${
    origin === 'store' &&
    html`<a role="button" class="secondary small" href="${revokeUrl(name)}" aria-label="${words.revokeOf(name)}">${words.revoke}</a> `
  }${postForm(SIGN_INS, formToken, end)}</div>`
}

/** For those too who have no key, but signed in with a provider of identities. */
function signInsForm(formToken: string, wrong: string | undefined, { keys: words }: Texts): Html {
  const name = field({
    label: words.signInName,
    name: 'name',
    isRequired: true,
    help: words.signInNameHelp,
    wrong,
  })
  return html`<p>${words.signInsAbout}</p>
<section class="narrow">${postForm(SIGN_INS, formToken, html`${name}<button type="submit" class="secondary">${words.endNow}</button>`)}</section>`
}

export function revokeUrl(name: string): string {
  return KEYS + path`/${name}/revoke`
}
