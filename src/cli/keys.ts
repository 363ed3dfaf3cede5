import type { Static } from '@sinclair/typebox'
import { type HashedKey, isKeyName, KEY_NAME_RULE, keyLine, sortedScopes } from '../access/api-key.js'
import { createSecret } from '../access/key-secret.js'
import { isScope, SCOPES, type Scope } from '../access/scopes.js'
import {
  type CreatedKeyView,
  type KeyListView,
  type KeyView,
  MAX_KEY_SECONDS,
  MIN_KEY_SECONDS,
} from '../api/key-schemas.js'
import { type ApiOptions, showReply } from './api.js'
import { secondsIn } from './duration.js'
import { EXIT, type ExitCode, type Io, say, sayJson, UsageError } from './io.js'
import { labelled, table } from './layout.js'

export interface CreateKeyOptions extends ApiOptions {
  readonly name: string
  /** Scopes, with commas. */
  readonly scope: string
  /** For how long: `90d`. */
  readonly expires?: string
  /** Into the store of a running instance, rather than for the configuration. */
  readonly stored?: boolean
}

/** Makes a key: for the configuration, which asks nobody, or in the store of a running instance. */
export async function createKey(io: Io, options: CreateKeyOptions): Promise<ExitCode> {
  const { name, expires } = options
  if (!isKeyName(name)) throw new UsageError(`the name is not valid: ${KEY_NAME_RULE}`)
  const scopes = readScopes(options.scope)
  const seconds = expires === undefined ? undefined : readDuration(expires)
  if (options.stored) {
    const body = { name, scopes, expires_in: seconds }
    return showReply(io, options, { method: 'POST', path: '/keys', body }, createdLines)
  }

  const { text, id, hash } = createSecret()
  // The line has whole seconds.
  const now = Math.floor(io.now() / 1_000) * 1_000
  const expiresAt = seconds === undefined ? undefined : now + seconds * 1_000
  const key: HashedKey = { name, scopes, origin: 'configuration', expiresAt, id, hash }
  const line = keyLine(key)
  if (options.json) sayJson(io, { name, scopes, key: text, line })
  else
    say(
      io,
      ...labelled({ name, scopes: scopes.join(', '), key: text, line: `API_KEY_HASHES=${line}` }),
      '',
      'The key is shown this once: give it to whoever will use it. The line belongs into the settings of all instances,',
      'after a comma where there is one already. It holds a hash, which is no secret.',
    )
  return EXIT.ok
}

/** Lists all keys of a running instance, without their secrets. */
export function listKeys(io: Io, options: ApiOptions): Promise<ExitCode> {
  return showReply(io, options, { method: 'GET', path: '/keys' }, listLines)
}

/** Ends a key of the store, on all instances. */
export function revokeKey(io: Io, name: string, options: ApiOptions): Promise<ExitCode> {
  const path = `/keys/${encodeURIComponent(name)}`
  return showReply(io, options, { method: 'DELETE', path }, keyLines)
}

function readScopes(text: string): Scope[] {
  const scopes = text.split(',').map((scope) => scope.trim())
  if (!scopes.every(isScope)) {
    throw new UsageError(`--scope is not valid: one or more of ${SCOPES.join(', ')}, with commas`)
  }
  return sortedScopes(scopes)
}

/** For how many seconds a key is to be valid. */
function readDuration(text: string): number {
  const seconds = secondsIn(text)
  if (!(seconds >= MIN_KEY_SECONDS && seconds <= MAX_KEY_SECONDS)) {
    throw new UsageError('--expires is not valid: such as 90d, 12h or 30m, from a minute to ten years')
  }
  return seconds
}

function createdLines({ key, ...view }: Static<typeof CreatedKeyView>): string[] {
  return [
    ...keyLines(view),
    ...labelled({ key }),
    '',
    'The key is shown this once: give it to whoever will use it.',
  ]
}

function keyLines({ name, scopes, status, expires_at, revoked_at }: KeyView): string[] {
  return labelled({ name, scopes: scopes.join(', '), status, expires: expires_at, revoked: revoked_at })
}

function listLines({ keys }: Static<typeof KeyListView>): string[] {
  const rows = keys.map(({ name, scopes, status, origin, expires_at }) => [
    name,
    status,
    origin,
    expires_at ?? 'never',
    scopes.join(', '),
  ])
  return table(['NAME', 'STATUS', 'ORIGIN', 'EXPIRES', 'SCOPES'], rows)
}
