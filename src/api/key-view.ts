import type { ApiKey } from '../access/api-key.js'
import type { KeyView, OwnKeyView } from './key-schemas.js'

/** A key as the API shows it: without its secret, and without what is kept of that. */
export function keyView(key: ApiKey, now: number): KeyView {
  const { name, scopes, origin, createdAt, expiresAt, revokedAt } = key
  return {
    name,
    scopes: [...scopes],
    status: statusOf(key, now),
    origin,
    ...(createdAt !== undefined && { created_at: new Date(createdAt).toISOString() }),
    ...(expiresAt !== undefined && { expires_at: new Date(expiresAt).toISOString() }),
    ...(revokedAt !== undefined && { revoked_at: new Date(revokedAt).toISOString() }),
  }
}

/** A key as whoever has it sees it. */
export function ownKeyView({ name, scopes, expiresAt }: ApiKey): OwnKeyView {
  return {
    name,
    scopes: [...scopes],
    ...(expiresAt !== undefined && { expires_at: new Date(expiresAt).toISOString() }),
  }
}

function statusOf({ revokedAt, expiresAt }: ApiKey, now: number): KeyView['status'] {
  if (revokedAt !== undefined) return 'revoked'
  return expiresAt !== undefined && expiresAt <= now ? 'expired' : 'valid'
}
