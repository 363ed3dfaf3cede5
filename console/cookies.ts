import type { FastifyRequest } from 'fastify'

const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\])(:\d+)?$/

/** The name under which a browser keeps a secret: one that it takes from nobody but this very host, and over TLS. */
export function cookieName(request: FastifyRequest, name: string): string {
  return isPlain(request) ? name : `__Host-${name}`
}

/** The text of that cookie; empty where there is none. */
export function cookieOf(request: FastifyRequest, name: string): string {
  return request.cookies[cookieName(request, name)] ?? ''
}

/** How such a cookie is kept. `strict`: no other site can have it sent; `lax`: a link there can. */
export function cookieFor(request: FastifyRequest, sameSite: 'strict' | 'lax') {
  return { path: '/', httpOnly: true, sameSite, secure: !isPlain(request) } as const
}

/** On this machine there may be no TLS; elsewhere a browser would send the cookie over nothing else. */
function isPlain({ host, server }: FastifyRequest): boolean {
  return LOOPBACK.test(host) && !server.config.CONSOLE_URL?.startsWith('https:')
}
