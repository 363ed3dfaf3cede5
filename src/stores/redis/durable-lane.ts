import { Cluster, type Redis } from 'ioredis'
import { StoreUnavailableError } from '../../masking/session-store.js'
import type { Client } from './client.js'
import { ifAnswered } from './if-answered.js'
import type { Link } from './link.js'
import type { ScriptedClient } from './scripts.js'

/** Writes that must survive the loss of the server that took them. */
export interface DurableLane {
  /** Writes, and says whether a replica has it too, where there are replicas. */
  write(key: string, run: (client: ScriptedClient, key: string) => Promise<unknown>): Promise<Written>
}

export interface Written {
  readonly reply: unknown
  readonly durable: boolean
}

/** Milliseconds that a replica may take to confirm. */
const CONFIRM_LIMIT_MS = 100
/** Set once a store was seen with a replica: from then on it should have one. */
const REPLICATED = 'callmask:replicated'

/** @param link a connection of its own: while it waits for a replica, it serves nobody else */
export function createDurableLane(link: Link): DurableLane {
  const confirmations = new WeakMap<Redis, () => Promise<boolean>>()

  function confirmationOn(primary: Redis): () => Promise<boolean> {
    const known = confirmations.get(primary)
    if (known) return known
    const confirm = shared(() => link.ask((client) => isOnReplica(client, primary)))
    confirmations.set(primary, confirm)
    return confirm
  }

  return {
    async write(key, run) {
      const primary = await link.ask((client) => primaryOf(client, key))
      const { stream } = primary
      const reply = await link.ask((client) => run(client as ScriptedClient, key))
      const confirmed = await ifAnswered(confirmationOn(primary)(), false)
      // On another connection it may have been another server that confirmed.
      return { reply, durable: confirmed && primary.stream === stream }
    },
  }
}

/** One answer for all who asked before the question was sent; later callers wait for the next one. */
function shared<Answer>(question: () => Promise<Answer>): () => Promise<Answer> {
  let current: Promise<unknown> = Promise.resolve()
  let next: Promise<Answer> | undefined
  return () => {
    next ??= current.then(() => {
      const asked = question()
      current = asked.catch(() => undefined)
      next = undefined
      return asked
    })
    return next
  }
}

/** A replica that has what was written last has all that was written before. */
async function isOnReplica(client: Client, primary: Redis): Promise<boolean> {
  const info = await primary.info('replication')
  const replicas = Number(/connected_slaves:(\d+)/.exec(info)?.[1])
  if (replicas > 0) await client.set(REPLICATED, '1')
  // A store that never had a replica has none to lose anything to.
  else if (!(await client.exists(REPLICATED))) return true
  return (await primary.wait(1, CONFIRM_LIMIT_MS)) >= 1
}

/** The server that has a key. */
async function primaryOf(client: Client, key: string): Promise<Redis> {
  if (!(client instanceof Cluster)) return client
  const slot = await client.cluster('KEYSLOT', key)
  const [address] = client.slots[slot] ?? []
  const primary = client.nodes('master').find(({ options }) => `${options.host}:${options.port}` === address)
  if (!primary) throw new StoreUnavailableError()
  return primary
}
