import { hash } from 'node:crypto'

/** Nonces with a mark of their body and their time, in few bytes. Nothing is taken out of it again. */
export interface NonceTable {
  readonly size: number
  find(key: Digest, mark: Digest): FoundNonce | undefined
  /** @param at milliseconds, from 0 to 49 days */
  add(key: Digest, mark: Digest, at: number): void
}

export interface FoundNonce {
  readonly hasMark: boolean
  readonly at: number
}

/** 64 bits of a digest. */
export type Digest = readonly [high: number, low: number]

/** @param secret unknown to others, so that nobody can look for two texts with the same 64 bits */
export function digestOf(secret: string, text: string): Digest {
  const bytes = hash('sha256', secret + text, 'buffer')
  return [bytes.readUInt32LE(0), bytes.readUInt32LE(4)]
}

/** Five words of four bytes: the nonce, the mark of its body, and the time, counted from 1 because 0 is a free slot. */
const WORDS = 5
const TIME = 4
const FIRST_SLOTS = 256
/** With more of them taken, a search would look at many. */
const MAX_LOAD = 0.7

/** Open addressing in one array of numbers: an object for each nonce would cost about 200 bytes. */
export function createNonceTable(): NonceTable {
  let words = new Uint32Array(FIRST_SLOTS * WORDS)
  let size = 0

  return {
    get size() {
      return size
    },
    find([high, low], mark) {
      const slot = slotOf(high, low)
      const time = word(slot + TIME)
      if (time === 0) return undefined
      return { hasMark: word(slot + 2) === mark[0] && word(slot + 3) === mark[1], at: time - 1 }
    },
    add([high, low], mark, at) {
      if (size >= (words.length / WORDS) * MAX_LOAD) grow()
      words.set([high, low, ...mark, at + 1], slotOf(high, low))
      size += 1
    },
  }

  /** Where a nonce is, or belongs. */
  function slotOf(high: number, low: number): number {
    const slots = words.length / WORDS
    let slot = low % slots
    while (word(slot * WORDS + TIME) !== 0 && !holds(slot * WORDS, high, low)) slot = (slot + 1) % slots
    return slot * WORDS
  }

  function holds(slot: number, high: number, low: number): boolean {
    return word(slot) === high && word(slot + 1) === low
  }

  function word(index: number): number {
    return words[index] as number
  }

  function grow(): void {
    const old = words
    words = new Uint32Array(old.length * 2)
    for (let slot = 0; slot < old.length; slot += WORDS) {
      const entry = old.subarray(slot, slot + WORDS)
      const [high = 0, low = 0, , , time = 0] = entry
      if (time !== 0) words.set(entry, slotOf(high, low))
    }
  }
}
