/**
 * An Authorization header as a program would have sent it. A browser can send a key as the password of Basic authentication
 * only; the name does not matter.
 */
export function bearerOf(authorization: string | undefined): string | undefined {
  const [, credentials] = /^Basic +([A-Za-z\d+/]+=*)$/i.exec(authorization ?? '') ?? []
  if (credentials === undefined) return authorization
  const [, password = ''] = /^[^:]*:(.*)$/s.exec(Buffer.from(credentials, 'base64').toString()) ?? []
  return `Bearer ${password}`
}
