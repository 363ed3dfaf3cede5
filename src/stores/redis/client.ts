import { Cluster, Redis } from 'ioredis'
import { type Clock, systemClock } from '../../clock.js'
import type { StoreAddress } from './address.js'
import { createFailoverWatch, SENTINEL_LIMIT_MS } from './failover-watch.js'

export type Client = Redis | Cluster

/** Milliseconds. A caller waits for two answers of the store at most, and for 600 ms at most. */
export const ANSWER_LIMIT_MS = 250
/** The same for whoever opens and changes sessions, and can wait. */
export const SLOW_ANSWER_LIMIT_MS = 2_000
const CONNECT_LIMIT_MS = 1_000
/** A connection without an answer for so long is closed, and all commands that wait on it fail. */
const SILENCE_LIMIT_MS = 1_000
const RECONNECT_MS = 400
const RECONNECT_JITTER_MS = 100

/** Replies of a server that is not the primary any more, or not yet. */
const DEMOTED = /^(READONLY|MASTERDOWN)/

/**
 * A client that never waits for long, never queues while it is not connected, and never sends a command twice: only the
 * caller knows whether a retry is safe.
 *
 * @param clock for the watch over failovers, where there are sentinels, and for whether its limits hold
 */
export function createClient(address: StoreAddress, clock: ClientClock = systemClock): Client {
  const options = optionsFor(address, clock)
  const [host] = address.hosts
  switch (address.kind) {
    case 'cluster':
      return new Cluster([...address.hosts], {
        redisOptions: options,
        enableOfflineQueue: false,
        clusterRetryStrategy: reconnectDelay,
        ...(!clock.isPatient && { slotsRefreshTimeout: CONNECT_LIMIT_MS }),
      })
    case 'sentinel':
      return createSentinelClient(address, clock)
    case 'standalone':
      return new Redis({ ...options, ...host })
  }
}

type ClientClock = Pick<Clock, 'every' | 'isPatient'>

function optionsFor({ tls, username, password, db }: StoreAddress, { isPatient }: ClientClock) {
  return {
    ...(username && { username }),
    ...(password && { password }),
    ...(tls && { tls: {} }),
    db,
    ...(!isPatient && { connectTimeout: CONNECT_LIMIT_MS, socketTimeout: SILENCE_LIMIT_MS }),
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    retryStrategy: reconnectDelay,
    reconnectOnError: (error: Error) => DEMOTED.test(error.message),
  }
}

/** A client of whichever server the sentinels name, however many of them stand still. */
function createSentinelClient(address: StoreAddress, clock: ClientClock): Redis {
  const { hosts, tls, primaryName } = address
  const name = String(primaryName)
  const failovers = createFailoverWatch({ sentinels: hosts, primaryName: name, clock })
  const client = new Redis({
    ...optionsFor(address, clock),
    sentinels: [...hosts],
    name,
    sentinelRetryStrategy: reconnectDelay,
    // Without it, one that accepts connections and does not answer is waited for as long as it stands still.
    sentinelCommandTimeout: SENTINEL_LIMIT_MS,
    enableTLSForSentinelMode: tls,
    // It is asked about the other sentinels too, and last about the server that is connected to.
    natMap(named) {
      failovers.ledTo(named)
      return null
    },
  })
  failovers.watch(client)
  return client
}

function reconnectDelay(): number {
  return RECONNECT_MS + Math.random() * RECONNECT_JITTER_MS
}
