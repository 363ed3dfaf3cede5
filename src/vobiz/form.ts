import { parse } from 'fast-querystring'
import { NO_BODY } from './nonces.js'

/** The fields of a form, as `@fastify/formbody` reads them, with the text that they stood in. */
export type Form = Record<string, string | string[]> & { readonly [TEXT]: string }

/** No field can be named like this. */
const TEXT = Symbol('the text of a form')

export function parseForm(text: string): Form {
  return Object.assign(parse(text), { [TEXT]: text })
}

/** The text that the fields of a request were read from. */
export function textOf(body: unknown): string {
  return (body as Form | null | undefined)?.[TEXT] ?? NO_BODY
}
