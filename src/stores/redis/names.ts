import type { Session } from '../../masking/session.js'
import type { Link } from './link.js'
import type { ScriptedClient } from './scripts.js'
import type { Vault } from './vault.js'

const NAME_PREFIX = 'callmask:2:name:'

/** The sessions that had an external id, one after the other: sorted sets like the list of all. */
export interface Names {
  /** Adds a session that is about to be written. */
  add(session: Session, forgetAt: number): Promise<void>
  /** Keeps the set as long as a session that was prolonged. */
  keep(session: Session, forgetAt: number): Promise<void>
  /** The keys of the sets, one for each key of the vault, the one that is written first. */
  keysOf(externalId: string): readonly [string, ...string[]]
}

export interface NamesOptions {
  readonly link: Link
  readonly vault: Vault
  readonly now: () => number
  /** Milliseconds for which a session is remembered once it is over. */
  readonly memoryMs: number
}

export function createNames({ link, vault, now, memoryMs }: NamesOptions): Names {
  function keysOf(externalId: string): readonly [string, ...string[]] {
    const [current, ...older] = vault.namesOf(externalId, 'external id')
    return [NAME_PREFIX + current, ...older.map((name) => NAME_PREFIX + name)]
  }

  return {
    keysOf,
    async add({ externalId, createdAt, id }, forgetAt) {
      if (externalId === undefined) return
      const [key] = keysOf(externalId)
      await link.ask((client) =>
        (client as ScriptedClient).cmName(key, createdAt, id, forgetAt, now() - memoryMs),
      )
    },
    async keep({ externalId }, forgetAt) {
      if (externalId === undefined) return
      await Promise.all(
        keysOf(externalId).map((key) => link.ask((client) => client.pexpireat(key, forgetAt, 'GT'))),
      )
    },
  }
}
