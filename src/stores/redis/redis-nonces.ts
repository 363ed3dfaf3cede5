import { createHash } from 'node:crypto'
import { NONCE_LIFE_MS, type NonceMemory, type NonceUse } from '../../vobiz/nonces.js'
import type { Vault } from '../vault.js'
import { ifAnswered } from './if-answered.js'
import type { Link } from './link.js'

/** Between the mark of the body and the time. */
const SEPARATOR = '|'

export interface RedisNoncesOptions {
  readonly link: Link
  readonly vault: Vault
  /** In front of every key. */
  readonly prefix: string
  /** Remembers for this instance alone, while the store does not answer. */
  readonly fallback: NonceMemory
}

/** Remembers nonces for all instances. A call of the static pair must not fail with the store, so neither does this. */
export function createRedisNonces({ link, vault, prefix, fallback }: RedisNoncesOptions): NonceMemory {
  return {
    async use(nonces, body) {
      const [verified, ...besides] = nonces
      const here = await fallback.use(nonces, body)
      // Of the body only a mark is kept: a digest of a number can be guessed by trying all numbers.
      const marks = vault.marksOf(body)
      const use = await useOne(verified, marks, here)
      if (use.kind === 'new') await Promise.all(besides.map((nonce) => useOne(nonce, marks, here)))
      return use
    },
  }

  /** @param here what it is to this instance, which counts where the store does not answer */
  async function useOne(nonce: string, marks: Marks, here: NonceUse): Promise<NonceUse> {
    const key = `${prefix}nonce:${createHash('sha256').update(nonce).digest('base64url')}`
    const value = marks[0] + SEPARATOR + here.at
    const asked = link.ask((client) => client.set(key, value, 'PX', NONCE_LIFE_MS, 'NX', 'GET'))
    const known = await ifAnswered(asked, null)
    if (known === null) return here
    const [mark = '', at] = known.split(SEPARATOR)
    return { kind: marks.includes(mark) ? 'retry' : 'altered', at: Number(at) }
  }
}

type Marks = ReturnType<Vault['marksOf']>
