import { Redis } from 'ioredis'
import type { Clock } from '../../clock.js'
import type { StoreAddress } from './address.js'

export interface FailoverWatch {
  /** To be told of each server that the client is led to, as a sentinel names it. */
  readonly ledTo: (server: string) => void
  /** Watches whenever this client is connected. */
  watch(client: Redis): void
}

export interface FailoverWatchOptions {
  readonly sentinels: StoreAddress['hosts']
  /** What the sentinels call the primary. */
  readonly primaryName: string
  readonly clock: Pick<Clock, 'every'>
}

/** Milliseconds between two questions to each sentinel. */
export const WATCH_INTERVAL_MS = 1_000
/** A sentinel that does not answer within so many milliseconds is passed over. */
export const SENTINEL_LIMIT_MS = 300
/** Of a server that no sentinel has named since the client was led there. */
const NEVER = -1

/** Which server a sentinel names, and how often the primary had changed when it became that. */
interface Named {
  readonly server: string
  readonly epoch: number
}

/**
 * Ends the connection to a primary that is none any more. Such a server may go on for long without knowing it, where it
 * reaches nobody but us. A sentinel that knows less than another one has no say: it may be what was cut off.
 *
 * This stands in place of ioredis' `failoverDetector`, which writes to stderr for each sentinel that does not answer, and
 * ends a client for good where it hears of a failover while that client is about to connect.
 */
export function createFailoverWatch({ sentinels, primaryName, clock }: FailoverWatchOptions): FailoverWatch {
  let server = ''
  let epoch = NEVER

  /** Whether a sentinel knows of a change after those of all who named the server that we are connected to. */
  function isDeposed(all: readonly Named[]): boolean {
    for (const named of all) if (named.server === server) epoch = Math.max(epoch, named.epoch)
    return all.some((named) => named.server !== server && named.epoch > epoch)
  }

  function begin(client: Redis): () => void {
    const asked = sentinels.map(connectTo)
    const stop = clock.every(WATCH_INTERVAL_MS, async () => {
      const answers = await Promise.all(asked.map((sentinel) => askFor(sentinel, primaryName)))
      // `disconnect` waits for the server's farewell, which this one may never send.
      if (isDeposed(answers.filter((named) => named !== undefined))) client.stream.destroy()
    })
    return () => {
      stop()
      for (const sentinel of asked) sentinel.disconnect()
    }
  }

  return {
    ledTo(next) {
      server = next
      epoch = NEVER
    },
    watch(client) {
      let end: (() => void) | undefined
      const over = () => {
        end?.()
        end = undefined
      }
      client.on('ready', () => {
        over()
        end = begin(client)
      })
      // Whoever closes a client may take away the listeners of one of them.
      for (const event of ['close', 'end']) client.on(event, over)
    },
  }
}

function connectTo({ host, port }: StoreAddress['hosts'][number]): Redis {
  const sentinel = new Redis({
    host,
    port,
    protocol: 2,
    enableReadyCheck: false,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    connectTimeout: WATCH_INTERVAL_MS,
    commandTimeout: SENTINEL_LIMIT_MS,
    socketTimeout: WATCH_INTERVAL_MS,
    retryStrategy: () => WATCH_INTERVAL_MS,
  })
  return sentinel.on('error', () => undefined)
}

/** Undefined when the sentinel does not answer, or knows no such primary. */
async function askFor(sentinel: Redis, primaryName: string): Promise<Named | undefined> {
  try {
    // The epoch first: one that is too old does no harm.
    const [facts, place] = (await Promise.all([
      sentinel.call('SENTINEL', 'MASTER', primaryName),
      sentinel.call('SENTINEL', 'get-master-addr-by-name', primaryName),
    ])) as [string[], string[]]
    return { server: place.join(':'), epoch: Number(facts[facts.indexOf('config-epoch') + 1]) }
  } catch {
    return undefined
  }
}
