/** How long it takes until a call of an open session connects again. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Service } from './processes.js'
import { callIn, type Opened } from './sessions.js'
import type { Starvation } from './starvation.js'

export interface Recovery {
  /** Milliseconds until a call connected. */
  readonly ms: number
  /** How many of them the machine let a process wait for a processor. */
  readonly forgiven: number
}

export interface Watched {
  readonly instance: Service
  readonly session: Pick<Opened, 'people' | 'masks'>
  /** Since when, by `performance.now()`. */
  readonly since: number
  readonly starvation: Starvation
  /** The processes through which a request passes besides the instance. */
  readonly pids: readonly number[]
}

const WATCH_MS = 15_000
const POLL_MS = 50

export async function watchRecovery({
  instance,
  session,
  since,
  starvation,
  pids,
}: Watched): Promise<Recovery> {
  const late = performance.now() - since
  const begun = Date.now() - late
  let isConnected = false
  while (!isConnected && performance.now() - since < WATCH_MS) {
    isConnected = (await callIn(instance.port, session)) === 'connect'
    if (!isConnected) await sleep(POLL_MS)
  }
  const ms = isConnected ? performance.now() - since : WATCH_MS
  return { ms, forgiven: starvation.between([instance.pid, process.pid, ...pids], begun, begun + ms) }
}
