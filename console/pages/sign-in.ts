import { SIGN_IN } from '../hooks/staff.js'
import { html } from '../html.js'
import { field, postForm } from '../parts/form.js'
import type { Page } from '../parts/layout.js'
import type { Texts } from '../texts/texts.js'
import { withQuery } from '../urls.js'

export interface SignInData {
  /** Where to go then. */
  readonly to: string
  /** What was wrong with the key. */
  readonly wrong?: string | undefined
  /** What the provider of identities is called; undefined where there is none. */
  readonly provider?: string | undefined
}

export function signInPage({ to, wrong, provider }: SignInData, { signIn }: Texts): Page {
  const key = field({
    label: signIn.key,
    name: 'key',
    type: 'password',
    isRequired: true,
    help: signIn.keyHelp,
    wrong,
    autocomplete: 'current-password',
  })
  return {
    title: signIn.title,
    main: html`<p>${signIn.about}</p>
${provider && html`<p><a role="button" href="${withQuery(`${SIGN_IN}/provider`, { to })}">${signIn.with(provider)}</a></p>`}
<section class="narrow">${postForm(
      SIGN_IN,
      '',
      html`<input type="hidden" name="to" value="${to}">${key}<button type="submit">${signIn.button}</button>`,
    )}</section>
<p><small>${signIn.overTls}</small></p>`,
  }
}

/** Whoever comes from elsewhere is led here once more, from here: then the browser sends the cookie along. */
export function comeBackPage(to: string, { signIn }: Texts): Page {
  return {
    title: signIn.comeBack,
    refresh: to,
    main: html`<p><a href="${to}">${signIn.comeBackLink}</a></p>`,
  }
}

/** Why somebody did not get in with a provider of identities. */
export type ProviderTrouble = keyof Texts['signIn']['provider']

export function providerTroublePage(what: ProviderTrouble, { signIn }: Texts): Page {
  const { title, detail } = signIn.provider[what]
  return {
    title,
    main: html`<p role="alert">${detail}</p><p><a href="${SIGN_IN}">${signIn.toSignIn}</a></p>`,
  }
}
