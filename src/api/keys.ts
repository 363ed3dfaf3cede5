import { hash, timingSafeEqual } from 'node:crypto'

/** Says whether an Authorization header has one of these keys. */
export function keyCheck(keys: readonly string[]): (authorization: string | undefined) => boolean {
  const digests = keys.map(digestOf)
  return (authorization = '') => {
    const [, given = ''] = /^Bearer +([\w-]+)$/i.exec(authorization) ?? []
    const digest = digestOf(given)
    // Each key is compared, and in constant time, so that the time reveals nothing.
    return digests.filter((key) => timingSafeEqual(key, digest)).length > 0
  }
}

/**
 * The header as a program would have sent it. A browser can send a key as the password of Basic authentication only; the name
 * does not matter.
 */
export function bearerOf(authorization: string | undefined): string | undefined {
  const [, credentials] = /^Basic +([A-Za-z\d+/]+=*)$/i.exec(authorization ?? '') ?? []
  if (credentials === undefined) return authorization
  const [, password = ''] = /^[^:]*:(.*)$/s.exec(Buffer.from(credentials, 'base64').toString()) ?? []
  return `Bearer ${password}`
}

function digestOf(key: string): Buffer {
  return hash('sha256', key, 'buffer')
}
