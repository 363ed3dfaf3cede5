import { setTimeout as sleep } from 'node:timers/promises'
import { systemClock } from '../src/clock.js'
import { type SessionStore, StoreUnavailableError } from '../src/masking/session-store.js'
import { createRedisSessions } from '../src/stores/redis/redis-sessions.js'
import { openSharedStore } from '../src/stores/redis/shared-store.js'
import { STORE_KEY } from '../test/redis-store.js'

export interface OpenStore {
  readonly sessions: SessionStore
  close(): void
}

interface StoreOptions {
  readonly port: number
  readonly pool: readonly string[]
  readonly restMs: number
  readonly now?: () => number
}

/** A store as an instance has it, without the instance. */
export function openStore({ port, pool, restMs, now = Date.now }: StoreOptions): OpenStore {
  const shared = openSharedStore({
    url: `redis://127.0.0.1:${port}`,
    keys: [STORE_KEY],
    clock: systemClock,
    onChange: () => undefined,
    onRefusal: () => undefined,
  })
  const sessions = createRedisSessions({ now, pool, restMs, fixed: [], ...shared })
  return { sessions, close: () => shared.close() }
}

const RETRY_MS = 20
const MAX_RETRIES = 500

/** Asks again until the store answers. */
export async function untilAnswered<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
  for (let retry = 0; retry < MAX_RETRIES; retry++) {
    const answer = await unlessUnavailable(ask)
    if (answer !== UNAVAILABLE) return answer as Answer
    await sleep(RETRY_MS)
  }
  throw new Error('the store does not come back')
}

export const UNAVAILABLE = Symbol('unavailable')

export async function unlessUnavailable<Answer>(
  ask: () => Promise<Answer>,
): Promise<Answer | typeof UNAVAILABLE> {
  try {
    return await ask()
  } catch (error) {
    if (error instanceof StoreUnavailableError) return UNAVAILABLE
    throw error
  }
}

/** A number of India as the service reads it at its door. */
export function phoneNumber(whole: string) {
  return { countryCode: '91', national: whole.slice(2), dialable: `+${whole}` }
}
