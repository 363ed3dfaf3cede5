import { SCOPES } from '../../src/access/scopes.js'
import type { CreatedKeyView, KeyView } from '../../src/api/key-schemas.js'
import type { ProblemView } from '../api.js'
import type { Staff } from '../hooks/staff.js'
import { type Html, html } from '../html.js'
import { boxes } from '../parts/boxes.js'
import { field, postForm } from '../parts/form.js'
import type { Page } from '../parts/layout.js'
import { doneNotice, problemNotice } from '../parts/problem.js'
import { facts } from '../parts/table.js'
import { moment, toCopy } from '../parts/words.js'
import type { Texts } from '../texts/texts.js'
import { KEYS, revokeUrl, scopesOf, statusBadge } from './keys.js'

/** What the form for a new key holds. */
export interface GivenKey {
  readonly name?: string | undefined
  readonly scopes?: readonly string[]
  readonly days?: string | undefined
}

export interface NewKeyData {
  readonly given: GivenKey
  readonly problem: ProblemView | undefined
  readonly formToken: string
}

export function newKeyPage({ given, problem, formToken }: NewKeyData, texts: Texts): Page {
  const { keys: words } = texts
  const isNameWrong = problem?.errors?.some((error) => error.field === 'name')
  const name = field({
    label: words.name,
    name: 'name',
    value: given.name,
    isRequired: true,
    help: words.nameHelp,
    wrong: isNameWrong ? words.nameWrong : undefined,
  })
  const form = html`${name}
${boxes({
  label: words.choose,
  name: 'scopes',
  help: words.chooseHelp,
  options: SCOPES.map((scope) => [scope, words.scopes[scope]]),
  ticked: given.scopes ?? [],
})}
${field({ label: words.days, name: 'days', type: 'number', value: given.days, help: words.daysHelp })}
<button type="submit">${words.make}</button>`
  // Nobody should fill in what cannot be kept.
  const isPossible = problem?.code !== 'no_key_store'
  return {
    title: words.make,
    main: html`${problemNotice(problem, texts)}<p>${words.makeAbout}</p>
${isPossible && html`<section class="narrow">${postForm(`${KEYS}/new`, formToken, form)}</section>`}
${toKeys(texts)}`,
  }
}

/** The only page that shows a key itself. */
export function madeKeyPage(key: CreatedKeyView, texts: Texts): Page {
  const { keys: words, frame } = texts
  return {
    title: words.made,
    main: html`${doneNotice(words.secretOnce)}
${facts([
  [words.secret, toCopy(key.key, frame.copy)],
  [words.use, html`<code>Authorization: Bearer …</code>`],
])}
${keyFacts(key, texts)}
${toKeys(texts)}`,
  }
}

export interface RevokeData {
  readonly key: KeyView
  readonly staff: Pick<Staff, 'name' | 'formToken'>
}

/** Asks once, and says what it will do. */
export function revokePage({ key, staff }: RevokeData, texts: Texts): Page {
  const { keys: words, frame } = texts
  const form = html`<div class="row"><button type="submit">${words.revokeNow}</button> <a role="button" class="secondary" href="${KEYS}">${frame.cancel}</a></div>`
  return {
    title: words.revokeTitle(key.name),
    main: html`<p>${words.revokeAbout}</p>
${key.name === staff.name && html`<p class="notice warn">${words.revokeOwn}</p>`}
${keyFacts(key, texts)}
${postForm(revokeUrl(key.name), staff.formToken, form)}`,
  }
}

function keyFacts(key: KeyView, texts: Texts): Html {
  const { keys: words } = texts
  return facts([
    [words.name, key.name],
    [words.scopesOf, scopesOf(key)],
    [words.status, statusBadge(key, texts)],
    [words.expires, key.expires_at === undefined ? words.never : moment(key.expires_at)],
    [words.created, key.created_at && moment(key.created_at)],
  ])
}

function toKeys({ keys: words }: Texts): Html {
  return html`<p><a href="${KEYS}">${words.toKeys}</a></p>`
}
