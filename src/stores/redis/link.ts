import type { EventEmitter } from 'node:events'
import { Cluster, Redis } from 'ioredis'
import type { Clock } from '../../clock.js'
import { StoreUnavailableError } from '../../masking/storage.js'
import { ANSWER_LIMIT_MS, type Client } from './client.js'
import { isReply, type ReplyWord, replyWord } from './reply-word.js'

/** The connection to the store, which knows whether the store answers. */
export interface Link {
  /**
   * Asks the store something. Rejects with a `StoreUnavailableError` when its time is up, when the store answers with an
   * error of whatever kind, and at once while the store is known not to answer.
   */
  ask<Reply>(question: (client: Client) => Promise<Reply>): Promise<Reply>
  /** Sees whether the server still takes writes. To be called every second. */
  beat(): Promise<void>
  readonly isUp: boolean
  close(): void
}

export interface LinkOptions {
  readonly client: Client
  readonly clock: Pick<Clock, 'every' | 'after'>
  /** A key that is written to see whether the server takes writes: a primary that was deposed may not know it yet. */
  readonly beatKey: string
  /** Milliseconds after which a question is given up. */
  readonly answerLimitMs?: number
  /** Called when the store goes down, and when it is up again. */
  readonly onChange: (isUp: boolean) => void
  /** Told of each error that the store answers with, by the word that it begins with. */
  readonly onRefusal?: (word: ReplyWord) => void
}

/** Milliseconds for which a heartbeat is kept. */
const BEAT_LIFE_MS = 60_000
/** How often a store that does not answer is probed, in milliseconds. */
const PROBE_INTERVAL_MS = 100

/** Watches a client. Nobody waits for a store that gave no answer the last time: it is probed in the background. */
export function createLink({
  client,
  clock,
  beatKey,
  answerLimitMs = ANSWER_LIMIT_MS,
  onChange,
  onRefusal = () => undefined,
}: LinkOptions): Link {
  let isUp = false
  let isProbing = false
  let gathering = false

  function turn(up: boolean): void {
    if (up === isUp) return
    isUp = up
    onChange(up)
  }

  async function probe(): Promise<void> {
    if (isUp || isProbing || client.status !== 'ready') return
    isProbing = true
    await within(heartbeat()).then(() => turn(true), tellRefusal)
    isProbing = false
  }

  /** `onChange` tells whatever else kept the server from answering. */
  function tellRefusal(error: unknown): void {
    if (isReply(error)) onRefusal(replyWord(error))
  }

  /** A cluster's servers stop by themselves when they are cut off. */
  function heartbeat(): Promise<unknown> {
    return client instanceof Cluster ? client.ping() : client.set(beatKey, '1', 'PX', BEAT_LIFE_MS)
  }

  /** Rejects when the time is up. What was sent may still be done. */
  function within<Reply>(reply: Promise<Reply>): Promise<Reply> {
    return new Promise((resolve, reject) => {
      const cancel = clock.after(answerLimitMs, () => {
        // When this process was held up, the answer may be there and only has to be read.
        setImmediate(() => reject(new StoreUnavailableError()))
      })
      reply.then(resolve, reject)
      reply.then(cancel, cancel)
    })
  }

  /** Lets all that is asked in one turn of the event loop leave in one write: writing is what costs most. */
  function gatherWrites(): void {
    if (!(client instanceof Redis) || gathering) return
    const { stream } = client
    gathering = true
    stream.cork()
    setImmediate(() => {
      gathering = false
      stream.uncork()
    })
  }

  // ioredis reports every failed attempt, and so what a server says that lets nobody in; a cluster has an event for it.
  const events: EventEmitter = client
  for (const event of ['error', 'node error']) events.on(event, tellRefusal)
  client.on('close', () => turn(false))
  client.on('ready', probe)
  const stop = clock.every(PROBE_INTERVAL_MS, probe)

  const link: Link = {
    get isUp() {
      return isUp
    },
    async beat() {
      await link.ask(heartbeat)
    },
    async ask(question) {
      if (!isUp) throw new StoreUnavailableError()
      try {
        gatherWrites()
        return await within(question(client))
      } catch (error) {
        const fault = faultOf(error)
        if (fault === 'ours') throw error
        tellRefusal(error)
        // One server of a cluster does not speak for the others.
        if (fault === 'server' && !(client instanceof Cluster)) turn(false)
        throw new StoreUnavailableError()
      }
    },
    close() {
      stop()
      client.removeAllListeners('close')
      client.disconnect()
    },
  }
  return link
}

/** Replies of a server that does not serve anybody now. With any other it only does not take this one command. */
const DOES_NOT_SERVE: ReadonlySet<ReplyWord> = new Set([
  'CLUSTERDOWN',
  'LOADING',
  'MASTERDOWN',
  'NOAUTH',
  'NOREPLICAS',
  'READONLY',
  'WRONGPASS',
])

function faultOf(error: unknown): 'server' | 'command' | 'ours' {
  if (error instanceof TypeError || error instanceof RangeError) return 'ours'
  return isReply(error) && !DOES_NOT_SERVE.has(replyWord(error)) ? 'command' : 'server'
}
