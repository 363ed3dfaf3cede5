import { isAbsolute, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'
import { readStoreUrl, type StoreAddress } from './redis/address.js'

/** Where everything is kept. */
export type StorePlace =
  | { readonly kind: 'memory' }
  | { readonly kind: 'file' /** An absolute path. */; readonly folder: string }
  | { readonly kind: 'redis'; readonly address: StoreAddress }

/** Reads `STORE_URL`, which may be missing; undefined when it is none. */
export function readStorePlace(text: string | undefined): StorePlace | undefined {
  if (!text) return { kind: 'memory' }
  if (text.startsWith('file:')) return readFileUrl(text)
  const address = readStoreUrl(text)
  return address && { kind: 'redis', address }
}

/** `file:/var/lib/callmask` or `file:///var/lib/callmask`; a path that is not absolute is none. */
function readFileUrl(text: string): StorePlace | undefined {
  const path = text.slice('file:'.length)
  if (!isAbsolute(path) || path.includes('?') || path.includes('#')) return undefined
  try {
    // Throws for a host, and for what is not well encoded.
    const folder = normalize(fileURLToPath(text)).replace(/(?<=.)\/+$/, '')
    return folder === '/' || folder.includes('\0') ? undefined : { kind: 'file', folder }
  } catch {
    return undefined
  }
}
