/** The text of a field of a form; empty where there is none. */
export function textOf(body: unknown, name: string): string {
  const value = (body as Readonly<Record<string, unknown>> | null | undefined)?.[name]
  return typeof value === 'string' ? value.trim() : ''
}

/** The same, for what may be left out. */
export function optionalOf(body: unknown, name: string): string | undefined {
  return textOf(body, name) || undefined
}

/** All texts of a field that may be there several times, such as one of boxes to be ticked. */
export function textsOf(body: unknown, name: string): string[] {
  const value = (body as Readonly<Record<string, unknown>> | null | undefined)?.[name] ?? []
  return [value].flat().filter((text) => typeof text === 'string')
}

const MINUTE_SECONDS = 60
export const DAY_SECONDS = 86_400

/**
 * Seconds of a field that takes minutes, or what else has so many seconds each; NaN becomes a text, of which the API says what is
 * wrong.
 */
export function secondsOf(body: unknown, name: string, each = MINUTE_SECONDS): number | string | undefined {
  const text = textOf(body, name)
  if (text === '') return undefined
  const count = Number(text)
  return Number.isFinite(count) ? Math.round(count * each) : text
}

/** The moment of a field that takes a date and a time, in UTC, as the API takes it. What is no moment goes on as it is, to be refused there. */
export function isoOf(text: string | undefined): string | undefined {
  if (text === undefined) return undefined
  const at = Date.parse(`${text}Z`)
  return Number.isNaN(at) ? text : new Date(at).toISOString()
}

/** As many digits as a phone number may have at least, whatever stands between them. */
const LIKE_A_NUMBER = /\p{N}([^\p{L}\p{N}]*\p{N}){6}/u

/** What a form held, to be shown again: without texts that could be the number of a person. */
export function withoutNumbers<Given extends object>(given: Given): Partial<Given> {
  const shown = Object.entries(given).filter(([, value]) => !LIKE_A_NUMBER.test(String(value)))
  return Object.fromEntries(shown) as Partial<Given>
}
