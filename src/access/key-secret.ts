import { createHmac, hash, randomBytes } from 'node:crypto'

/**
 * Bytes of what is secret in a key. Nobody finds 256 random bits by trying, so what is kept of a key needs no slow hash:
 * one HMAC is enough, and costs a request next to nothing.
 */
const SECRET_BYTES = 32
/** Bytes of a key's id, which stands in the key and keys its hash, so that equal secrets would have unequal hashes. */
const ID_BYTES = 8

/** `cmk_<id>_<secret>`: the mark lets scanners of repositories find a key that leaked. */
const KEY_TEXT = /^cmk_([\da-f]{16})_[\w-]{43}$/
const HASH_TEXT = /^[\w-]{43}$/

/** A new key. It is shown once; what is kept are its id and its hash. */
export interface NewSecret {
  readonly text: string
  readonly id: string
  readonly hash: string
}

export function createSecret(): NewSecret {
  const id = randomBytes(ID_BYTES).toString('hex')
  const text = `cmk_${id}_${randomBytes(SECRET_BYTES).toString('base64url')}`
  return { text, id, hash: hashOf(id, text).toString('base64url') }
}

/** The id in the text of a key; undefined where it is no key of ours. */
export function idOf(text: string): string | undefined {
  return KEY_TEXT.exec(text)?.[1]
}

/** What is kept of a key. */
export function hashOf(id: string, text: string): Buffer {
  return createHmac('sha256', `callmask api key ${id}`).update(text).digest()
}

/** What is compared of a key of `API_KEYS`. */
export function digestOf(text: string): Buffer {
  return hash('sha256', text, 'buffer')
}

export function isIdText(text: string): boolean {
  return /^[\da-f]{16}$/.test(text)
}

export function isHashText(text: string): boolean {
  return HASH_TEXT.test(text)
}
