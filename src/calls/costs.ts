import { inPieces } from '../in-pieces.js'
import { createLease } from '../masking/lease.js'
import type { Entry, Storage } from '../masking/storage.js'
import type { CallFacts, CostFacts } from './call-facts.js'
import type { Calls } from './calls.js'
import { readUncosted, UNCOSTED, uncostedEntry } from './work-lists.js'

/** Finds out what calls cost, in the background, on one instance at a time. */
export interface Costs {
  /** To be called every second: asks for a few of those that wait for it. */
  upkeep(): Promise<void>
}

/** What the carrier says of one leg. */
export interface LegCharge extends CostFacts {
  /** The other leg that it was bridged with. */
  readonly bridgedWith?: string | undefined
}

export interface CostsOptions {
  readonly storage: Storage
  readonly calls: Pick<Calls, 'find' | 'note'>
  /** What a leg cost; undefined where the carrier does not know it, or not yet. */
  readonly chargeOf: (legId: string) => Promise<LegCharge | undefined>
  /** Told of each call whose cost could not be asked for, this time or for good. */
  readonly onFailed: (error: unknown) => void
}

/** Milliseconds after the end of a call after which its cost is asked for. */
export const COST_DELAY_MS = 30_000
/** Milliseconds that lie between two times at most. */
export const COST_PAUSE_MS = 4 * 60 * 60 * 1_000
/** How often it is asked for. Each time the wait doubles, so the last one is a day after the end of the call. */
export const COST_ATTEMPTS = 15
/** Of how many calls the cost is asked for each time, and of how many at once. */
export const COST_STEP = 40
const AT_A_TIME = 4
/** Milliseconds after which another instance goes on for one that has gone. Asked twice, the carrier says the same. */
const LEASE_MS = 60_000

export function createCosts({ storage, calls, chargeOf, onFailed }: CostsOptions): Costs {
  const lease = createLease(storage, { kind: 'call-lease', id: 'costs' }, LEASE_MS)

  return {
    async upkeep() {
      const waiting = await storage.entries(UNCOSTED, { order: 'oldest first', limit: COST_STEP })
      const due = waiting.filter(({ at }) => at <= storage.now())
      if (due.length > 0 && (await lease.take())) await inPieces(due, AT_A_TIME, ask)
    },
  }

  async function ask(entry: Entry): Promise<void> {
    const { callId, asked } = readUncosted(entry)
    const facts = await calls.find(callId)
    const costs = facts && (await costsOf(callId, facts))
    const isLast = asked + 1 >= COST_ATTEMPTS
    if (costs && (costs.isComplete || isLast)) await calls.note(callId, { costs: costs.known })
    // Before it leaves its place, or a crash in between would forget it.
    if (costs && !costs.isComplete && !isLast) {
      const at = storage.now() + waitAfter(asked)
      await storage.enlist(UNCOSTED, uncostedEntry(callId, asked + 1, at), Number.POSITIVE_INFINITY)
    }
    await storage.delist(UNCOSTED, [entry])
  }

  async function costsOf(callId: string, facts: CallFacts): Promise<LegCosts> {
    try {
      return await askForLegs(callId, facts)
    } catch (error) {
      onFailed(error)
      return { known: {}, isComplete: false }
    }
  }

  /** Each leg is charged by itself: the caller's own, and those that were dialled. */
  async function askForLegs(callId: string, facts: CallFacts): Promise<LegCosts> {
    const own = await chargeOf(callId)
    // The record of the caller's leg names the other one too, which counts where no event did.
    const others = new Set([...Object.keys(facts.legs ?? {}), ...(own?.bridgedWith ? [own.bridgedWith] : [])])
    const charges = await Promise.all([...others].map(async (id) => [id, await chargeOf(id)] as const))
    const counted = charges.filter(([id, charge]) => !isDuplicate(callId, own, id, charge))
    const all = [[callId, own] as const, ...counted]
    return {
      known: Object.fromEntries(all.flatMap(([id, charge]) => (charge ? [[id, factsOf(charge)]] : []))),
      isComplete: all.every(([, charge]) => charge !== undefined),
    }
  }
}

interface LegCosts {
  readonly known: Readonly<Record<string, CostFacts>>
  readonly isComplete: boolean
}

/** Milliseconds. */
function waitAfter(asked: number): number {
  return Math.min(COST_DELAY_MS * 2 ** asked, COST_PAUSE_MS)
}

/** A leg to a SIP phone may have a second record, which says that it was bridged with the caller too. The caller's names the right one. */
function isDuplicate(
  callId: string,
  own: LegCharge | undefined,
  legId: string,
  charge: LegCharge | undefined,
): boolean {
  return charge?.bridgedWith === callId && own?.bridgedWith !== undefined && own.bridgedWith !== legId
}

function factsOf({ amount, currency, talk, ring }: LegCharge): CostFacts {
  return { amount, currency, talk, ring }
}
