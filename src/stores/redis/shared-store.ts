import type { Clock } from '../../clock.js'
import { readStoreUrl, type StoreAddress } from './address.js'
import { createClient, SLOW_ANSWER_LIMIT_MS } from './client.js'
import { takeCredentials } from './credentials.js'
import { createDurableLane, type DurableLane } from './durable-lane.js'
import { createLink, type Link } from './link.js'
import type { ReplyWord } from './reply-word.js'
import { createRotatingVault, type RotatingVault } from './rotating-vault.js'
import { withScripts } from './scripts.js'
import { checkAddress, type ServerProblem } from './server-checks.js'

/** The shared store, with what its users need of it. */
export interface SharedStore {
  /** Where it is, without its credentials. */
  readonly kind: StoreAddress['kind']
  /** What of the way to it puts it at risk. */
  readonly risks: readonly ServerProblem[]
  /** Whether it answers calls. */
  readonly isUp: boolean
  /** For calls, which cannot wait long. */
  readonly link: Link
  /** For all else. While it waits for a replica, it serves nobody. */
  readonly slow: Link
  readonly lane: DurableLane
  readonly vault: RotatingVault
  /**
   * Takes the user and the password of an address, with which the next connection is made. Says no where more than these
   * differs, or the store is a cluster: that needs a restart.
   */
  useCredentials(url: string): boolean
  close(): void
}

export interface SharedStoreOptions {
  /** A valid STORE_URL. */
  readonly url: string
  /** The entries of a valid STORE_KEY. */
  readonly keys: readonly [string, ...string[]]
  readonly clock: Pick<Clock, 'every' | 'after'>
  /** Called when the store goes down, and when it is up again. */
  readonly onChange: (isUp: boolean) => void
  /** Told of each error that the store answers with, by the word that it begins with. */
  readonly onRefusal: (word: ReplyWord) => void
}

/** Connects to the shared store in the background: each question shows whether it can be reached. */
export function openSharedStore({ url, keys, clock, onChange, onRefusal }: SharedStoreOptions): SharedStore {
  const address = readStoreUrl(url)
  if (!address) throw new TypeError('STORE_URL is not valid')
  const clients = [createClient(address), createClient(address)] as const
  const link = createLink({ client: withScripts(clients[0]), clock, onChange, onRefusal })
  const slow = createLink({
    client: withScripts(clients[1]),
    clock,
    answerLimitMs: SLOW_ANSWER_LIMIT_MS,
    onChange: () => undefined,
    onRefusal,
  })
  return {
    kind: address.kind,
    risks: checkAddress(address),
    get isUp() {
      return link.isUp
    },
    link,
    slow,
    lane: createDurableLane(slow),
    vault: createRotatingVault(keys),
    useCredentials(url) {
      const next = readStoreUrl(url)
      return next !== undefined && clients.every((client) => takeCredentials(client, address, next))
    },
    close() {
      link.close()
      slow.close()
    },
  }
}
