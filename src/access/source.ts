import type { IncomingMessage } from 'node:http'
import { isIP } from 'node:net'
import proxyAddress from '@fastify/proxy-addr'

/** Reads where a request comes from; `X-Forwarded-For` counts only as far as trusted proxies wrote it. */
export function sourceReader(trustedProxies: readonly string[]): (request: IncomingMessage) => string {
  const isTrusted = proxyAddress.compile([...trustedProxies])
  return (request) => {
    const address = plain(String(proxyAddress(request, isTrusted)))
    // The header is text of somebody's choosing, and what it says is logged.
    return isIP(address) === 0 ? UNKNOWN : address
  }
}

const UNKNOWN = 'unknown'

function plain(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/i, '')
}

/** Groups of an IPv6 address that one household or server has for itself. */
const NETWORK_GROUPS = 4

/** Whose address it is: of IPv6 the /64, within which anybody has as many addresses as they like. */
export function ownerOf(address: string): string {
  if (isIP(address) !== 6) return address
  const [head = '', tail = ''] = address.split('::')
  const left = head.split(':').filter((group) => group !== '')
  const right = tail.split(':').filter((group) => group !== '')
  const zeros = address.includes('::') ? Array(Math.max(0, 8 - left.length - right.length)).fill('0') : []
  return `${[...left, ...zeros, ...right].slice(0, NETWORK_GROUPS).map(shortened).join(':')}::/64`
}

function shortened(group: string): string {
  return group.toLowerCase().replace(/^0+(?=.)/, '')
}
