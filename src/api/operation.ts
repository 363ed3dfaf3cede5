import { Type } from '@sinclair/typebox'
import type { NeededScope } from '../access/scopes.js'
import type { ProblemCode } from './problem.js'
import { problemReplies } from './problem-schema.js'

const Binary = Type.String({ title: 'Binary', format: 'binary', description: 'Bytes.' })

/** What the description of an operation says besides its schemas. */
export interface Operation {
  /** What each reply that is no problem means, by its status. */
  readonly replies: Readonly<Record<number, string>>
  /** What a key needs for it: the gate of the API holds each request against this. */
  readonly scope: NeededScope
  /** A limit of its own, besides that of all requests. */
  readonly limit?: 'explain'
  /** What it sends where that is no JSON: media types. */
  readonly sends?: readonly string[]
  /** Its own problems, besides those that come from the form of its request. */
  readonly problems: readonly ProblemCode[]
}

/** The parts of a route's schema that decide what can go wrong. */
export interface RouteSchema {
  readonly body?: unknown
  readonly params?: unknown
  readonly querystring?: unknown
  readonly headers?: unknown
  readonly response?: unknown
}

/** All replies of an operation, as OpenAPI describes them. */
export function repliesOf(
  method: string,
  schema: RouteSchema,
  { replies, problems, scope, sends }: Operation,
): Record<string, object> {
  const schemas = schema.response as Record<string, object>
  const own = Object.entries(replies).map(([status, description]) => [
    status,
    { description, content: sends ? binary(sends) : { 'application/json': { schema: schemas[status] } } },
  ])
  return {
    ...Object.fromEntries(own),
    ...problemReplies([...problemsOfAsking(method, schema, scope), ...problems]),
  }
}

function binary(types: readonly string[]) {
  return Object.fromEntries(types.map((type) => [type, { schema: Binary }]))
}

/** The problems that can occur before an operation begins. */
function problemsOfAsking(
  method: string,
  { body, params, querystring, headers }: RouteSchema,
  scope: NeededScope,
): ProblemCode[] {
  const takesBody = method !== 'GET'
  return [
    'unauthorized',
    ...(scope === 'any' ? [] : (['missing_scope'] as const)),
    ...(params ? (['invalid_url'] as const) : []),
    ...(takesBody ? (['invalid_json'] as const) : []),
    ...((body ?? params ?? querystring ?? headers) ? (['invalid_request'] as const) : []),
    'not_acceptable',
    ...(takesBody ? (['body_too_large', 'unsupported_media_type'] as const) : []),
    'rate_limited',
    'internal_error',
  ]
}
