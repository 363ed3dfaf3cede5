import type { Session } from '../../masking/session.js'
import type { Link } from './link.js'
import { externalIdKey } from './reservations.js'
import type { ScriptedClient } from './scripts.js'

const NAME_PREFIX = 'callmask:name:'

/** The sessions that had an external id, one after the other: sorted sets like the list of all. */
export interface Names {
  /** Adds a session that is about to be written. */
  add(session: Session, forgetAt: number): Promise<void>
  /** Keeps the set as long as a session that was prolonged. */
  keep(session: Session, forgetAt: number): Promise<void>
  /** The key of the set. */
  keyOf(externalId: string): string
}

export interface NamesOptions {
  readonly link: Link
  readonly now: () => number
  /** Milliseconds for which a session is remembered once it is over. */
  readonly memoryMs: number
}

export function createNames({ link, now, memoryMs }: NamesOptions): Names {
  const keyOf = (externalId: string) => NAME_PREFIX + externalIdKey(externalId)

  return {
    keyOf,
    async add({ externalId, createdAt, id }, forgetAt) {
      if (externalId === undefined) return
      await link.ask((client) =>
        (client as ScriptedClient).cmName(keyOf(externalId), createdAt, id, forgetAt, now() - memoryMs),
      )
    },
    async keep({ externalId }, forgetAt) {
      if (externalId === undefined) return
      await link.ask((client) => client.pexpireat(keyOf(externalId), forgetAt, 'GT'))
    },
  }
}
