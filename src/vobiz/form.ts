import type { TObject } from '@sinclair/typebox'
import { parse } from 'fast-querystring'
import type { FastifySchemaValidationError } from 'fastify'
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

/**
 * Checks that there is a form, and that those of its fields that a schema names are texts, each of which may be missing. That
 * is all that Ajv would check of it, but it would take 2.8 µs of a call to make sure that nothing has to be converted.
 */
export function formValidator({
  properties,
}: TObject): (body: unknown) => true | { error: FastifySchemaValidationError[] } {
  const names = Object.keys(properties)
  for (const name of names) {
    const { type, ...rules } = properties[name] as Record<string, unknown>
    if (type !== 'string' || Object.keys(rules).length > 0) throw new TypeError(`${name} must be any text`)
  }
  return (body) => {
    if (typeof body !== 'object' || body === null) return wrong('', 'must be a form')
    for (const name of names) {
      const field = (body as Record<string, unknown>)[name]
      if (field !== undefined && typeof field !== 'string') return wrong(`/${name}`, 'must be one text')
    }
    return true
  }
}

function wrong(instancePath: string, message: string): { error: FastifySchemaValidationError[] } {
  return { error: [{ instancePath, message, keyword: 'type', schemaPath: '', params: {} }] }
}
