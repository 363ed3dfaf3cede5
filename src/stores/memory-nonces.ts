import { randomBytes } from 'node:crypto'
import { NONCE_LIFE_MS, type NonceMemory, type NonceUse } from '../vobiz/nonces.js'
import { createNonceTable, type Digest, digestOf, type NonceTable } from './nonce-table.js'

export interface NonceMemoryOptions {
  /** The clock, in milliseconds. */
  readonly now?: () => number
  /** How many nonces are remembered at most. */
  readonly capacity?: number
  /** Told when nonces were forgotten before their time, with the milliseconds for which they were remembered. */
  readonly onEarlyTurn?: (rememberedMs: number) => void
}

/** Signed webhooks a second, on average over a day, up to which nonces are remembered for `NONCE_LIFE_MS`. */
export const NONCE_RATE = 10
/** The carrier signs in two ways, each with a nonce. */
const NONCES_PER_REQUEST = 2
/** As many as come in `NONCE_LIFE_MS` at `NONCE_RATE`: at most 100 MB, at 29 to 57 bytes each. */
export const NONCE_CAPACITY = (NONCE_LIFE_MS / 1_000) * NONCE_RATE * NONCES_PER_REQUEST
/** Nonces are forgotten by the generation: of one hour, or of a part of the capacity where more come. */
const GENERATIONS = 24

interface Generation {
  readonly bornAt: number
  readonly table: NonceTable
}

/** A memory that knows how many nonces it has. */
export interface CountedNonceMemory extends NonceMemory {
  readonly size: number
}

/** Remembers nonces in this process, bounded in time (an hour above `NONCE_LIFE_MS`) and in memory. */
export function createNonceMemory({
  now = Date.now,
  capacity = NONCE_CAPACITY,
  onEarlyTurn,
}: NonceMemoryOptions = {}): CountedNonceMemory {
  const secret = randomBytes(16).toString('hex')
  /** The youngest first. */
  let generations: readonly Generation[] = [newGeneration()]

  return {
    get size() {
      return sizeOf(generations)
    },
    use([verified, ...besides], body) {
      const mark = digestOf(secret, body)
      const use = useOne(verified, mark)
      if (use.kind === 'new') for (const nonce of besides) useOne(nonce, mark)
      return use
    },
  }

  function useOne(nonce: string, mark: Digest): NonceUse {
    const key = digestOf(secret, nonce)
    const { bornAt, table } = youngest()
    for (const generation of generations) {
      const found = generation.table.find(key, mark)
      if (found) return { kind: found.hasMark ? 'retry' : 'altered', at: generation.bornAt + found.at }
    }
    // A clock that was set back may be before it.
    const at = Math.max(now(), bornAt)
    table.add(key, mark, at - bornAt)
    return { kind: 'new', at }
  }

  /** The generation that grows, once those are forgotten whose time is up or whose place is needed. */
  function youngest(): Generation {
    const [young] = generations as [Generation]
    const isFull = young.table.size >= capacity / GENERATIONS
    if (isFull || now() - young.bornAt >= NONCE_LIFE_MS / GENERATIONS) {
      generations = [newGeneration(), ...generations]
      forget()
    }
    return generations[0] as Generation
  }

  function forget(): void {
    const isOver = (i: number) => now() - (generations[i - 1]?.bornAt ?? now()) >= NONCE_LIFE_MS
    generations = generations.filter((_, i) => !isOver(i))
    if (sizeOf(generations) < capacity) return
    const next = generations.at(-2) as Generation
    generations = generations.slice(0, -1)
    onEarlyTurn?.(now() - next.bornAt)
  }

  function newGeneration(): Generation {
    return { bornAt: now(), table: createNonceTable() }
  }
}

function sizeOf(generations: readonly Generation[]): number {
  return generations.reduce((sum, { table }) => sum + table.size, 0)
}
