import { randomUUID } from 'node:crypto'
import type { Vault } from '../vault.js'
import type { Link } from './link.js'
import type { SharedStore } from './shared-store.js'

/** How often an instance sends a heartbeat, and for how long that counts, in milliseconds. */
export const HEARTBEAT_MS = 5_000
const ALIVE_MS = 3 * HEARTBEAT_MS

/** An instance that uses the store. */
export interface Instance {
  readonly id: string
  /** Which keys it has, the one that writes first. */
  readonly keyIds: readonly string[]
}

/** Makes the function that sends an instance's heartbeat. */
export function createHeartbeat(
  { link, vault, prefix }: Pick<SharedStore, 'link' | 'prefix'> & { readonly vault: Pick<Vault, 'keyIds'> },
  now: () => number,
): () => Promise<void> {
  const id = randomUUID()
  return async () => {
    // Anew each time, because the keys may be rotated meanwhile. What was said before them is forgotten soon.
    const member = [id, ...vault.keyIds].join('|')
    const key = keyOf(prefix)
    await link.ask((client) => client.zadd(key, now(), member))
    await link.ask((client) => client.zremrangebyscore(key, 0, now() - ALIVE_MS))
  }
}

/** The instances with a recent heartbeat. */
export async function instancesOf(link: Link, prefix: string, now: number): Promise<Instance[]> {
  const members = await link.ask((client) => client.zrangebyscore(keyOf(prefix), now - ALIVE_MS, '+inf'))
  return members.map((member) => {
    const [id = '', ...keyIds] = member.split('|')
    return { id, keyIds }
  })
}

function keyOf(prefix: string): string {
  return `${prefix}instances`
}
