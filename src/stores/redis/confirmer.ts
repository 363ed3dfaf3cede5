import type { Socket } from 'node:net'
import { Cluster, Command, type Redis } from 'ioredis'
import { createGenerations } from '../generations.js'
import type { Client } from './client.js'
import { ifAnswered } from './if-answered.js'
import type { Link } from './link.js'

/** Tells whether writes survive the loss of the server that took them. */
export interface Confirmer {
  /** To be called before a key is written: by which connection it is. */
  note(client: Client, key: string): void
  /** Whether a replica has what was last written under each of these keys, where there are replicas. */
  confirm(keys: readonly string[]): Promise<boolean>
}

export interface ConfirmerOptions {
  /** By which the writes go. */
  readonly writes: Pick<Link, 'ask'>
  /** A connection of its own: while it waits for a replica, it serves nobody else. */
  readonly own: Pick<Link, 'ask'>
  /** In front of every key. */
  readonly prefix: string
  /** The clock, in milliseconds. */
  readonly now: () => number
}

/** Milliseconds that a replica may take to confirm. */
const CONFIRM_LIMIT_MS = 100
/** Milliseconds after which replicas that did not confirm are asked again. */
export const PAUSE_MS = 800
/** Milliseconds for which it is remembered by which connection a key was written, and how many keys of them. */
const NOTE_LIFE_MS = 10_000
const NOTE_CAPACITY = 100_000
/** Milliseconds for which the write is kept that replicas are asked about. */
const ECHO_LIFE_MS = 60_000

export function createConfirmer({ writes, own, prefix, now }: ConfirmerOptions): Confirmer {
  const connections = createGenerations<Redis['stream']>({
    now,
    lifeMs: NOTE_LIFE_MS,
    capacity: NOTE_CAPACITY,
  })
  const questions = new WeakMap<Redis, () => Promise<boolean>>()
  /** Until when it is no use to ask a server again, because its replicas did not confirm a moment ago. */
  const pauses = new WeakMap<Redis, number>()
  /** Set once a store was seen with a replica: from then on it should have one. */
  const replicated = `${prefix}replicated`

  return {
    note(client, key) {
      const primary = primaryOf(client, key)
      if (primary?.stream) connections.set(key, primary.stream)
    },

    confirm: (keys) => ifAnswered(areConfirmed(keys), false),
  }

  async function areConfirmed(keys: readonly string[]): Promise<boolean> {
    const asked = await own.ask(async (client) => {
      const primaries = new Map(keys.map((key) => [primaryOf(client, key), key]))
      const confirmed = await Promise.all(
        [...primaries].map(([primary, key]) => primary !== undefined && isConfirmedOn(primary, client, key)),
      )
      return { client, isConfirmed: confirmed.every(Boolean) }
    })
    // Not within that question: what the connection of the writes does not answer is no fault of this one.
    return asked.isConfirmed && (await areOnSameServers(keys, asked.client))
  }

  /** One answer for all who asked before the question was sent. */
  function isConfirmedOn(primary: Redis, client: Client, key: string): Promise<boolean> {
    // Nobody waits for replicas that did not confirm the last time: who asks next after the pause sees whether they do.
    if (now() < (pauses.get(primary) ?? 0)) return Promise.resolve(false)
    const known = questions.get(primary)
    if (known) return known()
    const question = shared(() => ask(primary, client, key))
    questions.set(primary, question)
    return question()
  }

  async function ask(primary: Redis, client: Client, key: string): Promise<boolean> {
    const isConfirmed = await isOnReplica(primary, client, key)
    if (!isConfirmed) pauses.set(primary, now() + PAUSE_MS)
    return isConfirmed
  }

  /** A replica that has what was written last has all that was written before. */
  async function isOnReplica(primary: Redis, client: Client, key: string): Promise<boolean> {
    const [info, wasReplicated] = await Promise.all([primary.info('replication'), client.exists(replicated)])
    const replicas = Number(/connected_slaves:(\d+)/.exec(info)?.[1])
    if (replicas > 0 && wasReplicated === 0) await client.set(replicated, '1')
    // A store that never had a replica has none to lose anything to.
    if (replicas === 0 && wasReplicated === 0) return true
    // Replicas are asked about the last write of this connection, so it needs one; in a cluster, on the same server.
    const [, acknowledged] = await Promise.all([
      primary.set(`{${key}}:echo`, '1', 'PX', ECHO_LIFE_MS),
      primary.wait(1, CONFIRM_LIMIT_MS),
    ])
    return acknowledged >= 1
  }

  /** Whether the servers that confirmed are those that took the writes, by the same connections as then. */
  function areOnSameServers(keys: readonly string[], confirming: Client): Promise<boolean> {
    return writes.ask(async (client) =>
      keys.every((key) => {
        const [there, here] = [streamTo(client, key), streamTo(confirming, key)]
        const noted = connections.get(key)
        if (!there || !here || (noted && noted !== there)) return false
        return isSameEnd(there, here)
      }),
    )
  }
}

/** Undefined also for a server of a cluster that is known, and to which no connection was made yet. */
function streamTo(client: Client, key: string): Socket | undefined {
  return primaryOf(client, key)?.stream as Socket | undefined
}

function isSameEnd(one: Socket, other: Socket): boolean {
  return one.remotePort === other.remotePort && one.remoteAddress === other.remoteAddress
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

/** The server that has a key; undefined while a cluster does not know it. */
function primaryOf(client: Client, key: string): Redis | undefined {
  if (!(client instanceof Cluster)) return client
  const [address] = client.slots[slotOf(key)] ?? []
  return client.nodes('master').find(({ options }) => `${options.host}:${options.port}` === address)
}

function slotOf(key: string): number {
  return new Command('get', [key]).getSlot() as number
}
