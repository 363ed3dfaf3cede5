import type { CallFacts, CostFacts, DialEnd, EndedBy, EndFacts, LegFacts } from './call-facts.js'
import { sumOf } from './decimal.js'

/** What became of a call. */
export type CallOutcome = DialEnd | 'refused'
export const CALL_OUTCOMES: readonly CallOutcome[] = [
  'talked',
  'no_answer',
  'busy',
  'failed',
  'cancelled',
  'refused',
]

export type CallState = 'in_progress' | 'ended'
export const CALL_STATES: readonly CallState[] = ['in_progress', 'ended']

/** What the facts of a call come to. */
export interface CallSummary {
  /** Undefined while it is not over. */
  readonly outcome: CallOutcome | undefined
  /** Why it was refused. */
  readonly refused: string | undefined
  /** Seconds. */
  readonly talk: number | undefined
  readonly ring: number | undefined
  readonly endedBy: EndedBy | undefined
  /** The carrier's code of the cause. */
  readonly code: string | undefined
  /** What its legs cost together; undefined while that is not known. */
  readonly cost: CallCost | undefined
}

export interface CallCost {
  /** Decimal, exact. */
  readonly amount: string
  readonly currency: string
}

export function summaryOf(facts: CallFacts): CallSummary {
  const { begun, ended, costs = {} } = facts
  const legs = Object.entries(facts.legs ?? {})
  // Of several, the one that was connected tells most.
  const [legId = '', leg] = legs.find(([, { connected }]) => connected) ?? legs[0] ?? []
  const refused = begun?.refused ?? withoutPin(facts)
  const outcome = refused === undefined ? endOf(facts, leg) : 'refused'
  const end = leg?.ended ?? ended
  const cost = costs[legId]
  const talked = outcome === 'talked'
  return {
    outcome,
    refused,
    // The record of the charge is the exact one; durations of webhooks count other things.
    talk: talked ? (cost?.talk ?? end?.seconds) : outcome && 0,
    ring: cost?.ring ?? (leg ? leg.ended?.ring : ended?.ring),
    endedBy: end?.by ?? ended?.by,
    code: end?.code ?? ended?.code,
    cost: costOf(Object.values(costs)),
  }
}

export function stateOf({ outcome }: Pick<CallSummary, 'outcome'>): CallState {
  return outcome === undefined ? 'in_progress' : 'ended'
}

/** Whoever was asked for a PIN hung up before the right one. */
function withoutPin({ pinAsked, pinUsed, ended }: CallFacts): string | undefined {
  return pinAsked && !pinUsed && ended ? 'no-pin' : undefined
}

/** Each leg is charged by itself. All are of one account, and so in one currency. */
function costOf(costs: readonly CostFacts[]): CallCost | undefined {
  const [first] = costs
  if (!first || costs.some(({ currency }) => currency !== first.currency)) return undefined
  return { amount: sumOf(costs.map(({ amount }) => amount)), currency: first.currency }
}

function endOf({ dialled, ended }: CallFacts, leg: LegFacts | undefined): DialEnd | undefined {
  if (dialled) return dialled
  if (leg?.ended) return leg.connected ? 'talked' : withoutTalk(leg.ended)
  if (!ended) return undefined
  if (leg) return leg.connected ? 'talked' : withoutTalk(ended)
  return ended.how
}

/** Whoever answered and heard something, but was never connected, did not talk. */
function withoutTalk({ how }: EndFacts): DialEnd {
  return how === undefined || how === 'talked' ? 'no_answer' : how
}
