/** What dies while events are told. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Instance } from '../fleet.js'
import { between } from '../people.js'
import { openSpan } from '../world.js'
import type { At, Writing } from './writing.js'

/** Stops a store and has it again. */
export interface StoreFault {
  readonly name: string
  readonly strike: () => Promise<void>
  /** How often it strikes at most. */
  readonly times?: number
}

export interface Struck {
  readonly writing: Pick<Writing, 'instances' | 'report' | 'onAcknowledged'>
  readonly storeFaults: readonly StoreFault[]
  readonly isOver: () => boolean
}

export interface Deaths {
  /** Moments by `performance.now()`. */
  readonly kills: At[]
  readonly outages: { readonly from: number; until: number }[]
}

/** How many times as long everything may take where others use the machine too. */
const SLOWER = process.env.FAULT_TIMES === 'told' ? 4 : 1
/** Milliseconds after which an instance has written what it kept while the store was down. */
const CATCH_UP_MS = 3_000
const LATEST_CATCH_UP_MS = CATCH_UP_MS * SLOWER
/** Milliseconds within which a call is written by the instance that answered it. */
const WRITTEN_MS = 1_000 * SLOWER
/** Milliseconds within which an instance mostly acknowledges something. */
const ACKNOWLEDGEMENT_MS = 2_000
/** Milliseconds by which a reply may be seen late. */
const SEEN_LATE_MS = 200

/** Kills instances, each by itself, and beside that what the store stands on, until it is told to stop. */
export async function strike(struck: Struck): Promise<Deaths> {
  const deaths: Deaths = { kills: [], outages: [] }
  const kills = struck.writing.instances.map((instance) => killAgain(instance, struck, deaths))
  await Promise.all([...kills, strikeStore(struck, deaths)])
  return deaths
}

async function killAgain(instance: Instance, { writing, isOver }: Struck, { kills }: Deaths): Promise<void> {
  for (let i = 0; ; i++) {
    await sleep(between(0, 4_000))
    if (isOver()) return
    // Every other time before it can have told of what it has just acknowledged.
    if (i % 2 === 0) await nextAcknowledgement(instance, writing)
    kills.push({ instance, at: performance.now() })
    await instance.kill()
    await sleep(between(0, 800))
    await instance.start()
    writing.report.count('instances killed')
  }
}

/** Where none comes for a while, it is not waited for any longer. */
async function nextAcknowledgement(
  instance: Instance,
  { onAcknowledged }: Pick<Writing, 'onAcknowledged'>,
): Promise<void> {
  const next = new Promise<void>((resolve) => onAcknowledged.set(instance, resolve))
  await Promise.race([next, sleep(ACKNOWLEDGEMENT_MS)])
  onAcknowledged.delete(instance)
}

async function strikeStore({ storeFaults, writing, isOver }: Struck, { outages }: Deaths): Promise<void> {
  for (let round = 0; !isOver(); round++) {
    await sleep(between(1_000, CATCH_UP_MS))
    for (const { name, strike, times = Number.POSITIVE_INFINITY } of storeFaults) {
      if (isOver() || round >= times) continue
      const end = openSpan(outages)
      await strike()
      end()
      writing.report.count(name)
    }
  }
}

/** Whether an instance was killed before it can have written what it answered. */
export function mayBeUnwritten({ kills, outages }: Deaths, { instance, at }: At): boolean {
  const [from, until] = [at - WRITTEN_MS, at + WRITTEN_MS]
  const down = outages.filter((outage) => outage.from <= until && from <= outage.until + LATEST_CATCH_UP_MS)
  const last = Math.max(until, ...down.map((outage) => outage.until + LATEST_CATCH_UP_MS))
  return kills.some((kill) => kill.instance === instance && at - SEEN_LATE_MS <= kill.at && kill.at <= last)
}
