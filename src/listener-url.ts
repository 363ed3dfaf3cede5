import type { AddressInfo } from 'node:net'

/** Where a listener is reached from this machine. One on all addresses is reached here by its name. */
export function listenerUrl({ address, family, port }: AddressInfo): string {
  if (address === '0.0.0.0' || address === '::') return `http://localhost:${port}`
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`
}
