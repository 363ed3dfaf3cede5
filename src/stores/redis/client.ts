import { Cluster, Redis } from 'ioredis'
import type { StoreAddress } from './address.js'

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
 */
export function createClient(address: StoreAddress): Client {
  const { kind, hosts, tls, username, password, db, primaryName } = address
  const options = {
    ...(username && { username }),
    ...(password && { password }),
    ...(tls && { tls: {} }),
    db,
    connectTimeout: CONNECT_LIMIT_MS,
    socketTimeout: SILENCE_LIMIT_MS,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    retryStrategy: reconnectDelay,
    reconnectOnError: (error: Error) => DEMOTED.test(error.message),
  }
  const [host] = hosts
  switch (kind) {
    case 'cluster':
      return new Cluster([...hosts], {
        redisOptions: options,
        enableOfflineQueue: false,
        clusterRetryStrategy: reconnectDelay,
        slotsRefreshTimeout: CONNECT_LIMIT_MS,
      })
    case 'sentinel':
      return new Redis({
        ...options,
        sentinels: [...hosts],
        name: String(primaryName),
        sentinelRetryStrategy: reconnectDelay,
        enableTLSForSentinelMode: tls,
      })
    case 'standalone':
      return new Redis({ ...options, ...host })
  }
}

function reconnectDelay(): number {
  return RECONNECT_MS + Math.random() * RECONNECT_JITTER_MS
}
