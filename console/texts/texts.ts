import Negotiator from 'negotiator'
import { en } from './en.js'
import { hi } from './hi.js'

/** All that the console says, in one language. */
export type Texts = InAnyLanguage<typeof en>

/** The same names, with texts that may be any. */
type InAnyLanguage<T> = T extends string
  ? string
  : T extends (...given: infer Given) => string
    ? (...given: Given) => string
    : { readonly [Name in keyof T]: InAnyLanguage<T[Name]> }

export type Language = 'en' | 'hi'

/** Each language: what it calls itself, and its texts. */
export const LANGUAGES: Readonly<Record<Language, { readonly own: string; readonly texts: Texts }>> = {
  en: { own: 'English', texts: en },
  hi: { own: 'हिन्दी', texts: hi },
}

/** The cookie with the language that was chosen. */
export const LANGUAGE_COOKIE = 'callmask-language'

export function textsIn(language: Language): Texts {
  return LANGUAGES[language].texts
}

export function languageOf(code: string | undefined): Language | undefined {
  return code !== undefined && Object.hasOwn(LANGUAGES, code) ? (code as Language) : undefined
}

/** The language that was chosen, else the one of ours that the browser likes best. */
export function languageFor(chosen: string | undefined, accepted: string | undefined): Language {
  const wanted = new Negotiator({ headers: { 'accept-language': accepted } }).language(Object.keys(LANGUAGES))
  return languageOf(chosen) ?? languageOf(wanted) ?? 'en'
}
