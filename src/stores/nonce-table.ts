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
      words.set([high, low, mark[0], mark[1], at + 1], slotOf(high, low))
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

  /** Word by word, because all of a table is copied while a call waits. */
  function grow(): void {
    const old = words
    words = new Uint32Array(old.length * 2)
    for (let from = 0; from < old.length; from += WORDS) {
      if (old[from + TIME] === 0) continue
      const to = slotOf(old[from] as number, old[from + 1] as number)
      for (let i = 0; i < WORDS; i += 1) words[to + i] = old[from + i] as number
    }
  }
}
