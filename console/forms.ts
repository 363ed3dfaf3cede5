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

/** Seconds of a field that takes minutes; NaN becomes a text, of which the API says what is wrong. */
export function secondsOf(body: unknown, name: string): number | string | undefined {
  const text = textOf(body, name)
  if (text === '') return undefined
  const minutes = Number(text)
  return Number.isFinite(minutes) ? Math.round(minutes * 60) : text
}

/** The moment of a field that takes a date and a time, in UTC, as the API takes it. What is no moment goes on as it is, to be refused there. */
export function isoOf(text: string | undefined): string | undefined {
  if (text === undefined) return undefined
  const at = Date.parse(`${text}Z`)
  return Number.isNaN(at) ? text : new Date(at).toISOString()
}
