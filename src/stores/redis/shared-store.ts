import { performance } from 'node:perf_hooks'
import type { Clock } from '../../clock.js'
import type { Storage } from '../../masking/storage.js'
import { type About, createAbout } from '../about.js'
import { createRotatingVault, type RotatingVault } from '../rotating-vault.js'
import { createSealedScript } from '../sealed-script.js'
import { createStorage } from '../storage.js'
import { readStoreUrl, type StoreAddress } from './address.js'
import { createClient, SLOW_ANSWER_LIMIT_MS } from './client.js'
import { createConfirmer } from './confirmer.js'
import { takeCredentials } from './credentials.js'
import { createLink, type Link } from './link.js'
import { createRedisTexts, timeOf } from './redis-texts.js'
import type { ReplyWord } from './reply-word.js'
import { withScripts } from './scripts.js'
import { checkAddress, type ServerProblem } from './server-checks.js'
import { createServerClock } from './server-clock.js'

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
  readonly forCalls: Storage
  /** For all else. */
  readonly storage: Storage
  readonly vault: RotatingVault
  readonly about: About
  /** Resolves once the store has answered for the first time. */
  readonly reached: Promise<unknown>
  /** In front of every key. */
  readonly prefix: string
  /** To be called every second: sees whether the store takes writes, what time it is there, and what it says of itself. */
  beat(): Promise<void>
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
  /** In front of every key. */
  readonly prefix: string
  readonly clock: Clock
  /** Called when the store goes down, and when it is up again. */
  readonly onChange: (isUp: boolean) => void
  /** Told of each error that the store answers with, by the word that it begins with. */
  readonly onRefusal: (word: ReplyWord) => void
}

/** Connects to the shared store in the background: each question shows whether it can be reached. */
export function openSharedStore(options: SharedStoreOptions): SharedStore {
  const { url, keys, prefix, clock, onChange, onRefusal } = options
  const address = readStoreUrl(url)
  if (!address) throw new TypeError('STORE_URL is not valid')
  const clients = [
    createClient(address, clock),
    createClient(address, clock),
    createClient(address, clock),
  ] as const
  const beatKey = `${prefix}beat`
  const first = [firstTime(), firstTime(), firstTime()] as const
  const link = createLink({
    client: withScripts(clients[0]),
    clock,
    beatKey,
    onChange(isUp) {
      first[0].note()
      onChange(isUp)
    },
    onRefusal,
  })
  const [slow, confirming] = ([1, 2] as const).map((i) =>
    createLink({
      client: withScripts(clients[i]),
      clock,
      beatKey,
      answerLimitMs: SLOW_ANSWER_LIMIT_MS,
      onChange: first[i].note,
      onRefusal,
    }),
  ) as [Link, Link]
  const vault = createRotatingVault(keys)
  const serverClock = createServerClock({ ask: () => timeOf(link), elapsed: () => performance.now() })
  const now = clock.ofStore ?? serverClock.now
  const confirmer = createConfirmer({ writes: slow, own: confirming, prefix, now: () => performance.now() })
  const textsForCalls = createRedisTexts({ link, confirmer, prefix, now })
  const texts = createRedisTexts({ link: slow, confirmer, prefix, now })
  const about = createAbout(texts, vault)
  const script = createSealedScript({ vault, namingSecret: about.namingSecret })
  // Without its names nothing can be asked for, and without its time nothing can be judged.
  const ready = () => serverClock.known()?.then(about.known) ?? about.known()

  return {
    kind: address.kind,
    risks: checkAddress(address),
    get isUp() {
      return link.isUp
    },
    link,
    forCalls: createStorage(textsForCalls, script, ready),
    storage: createStorage(texts, script, ready),
    vault,
    about,
    reached: Promise.all(first.map(({ come }) => come)),
    prefix,
    async beat() {
      // Confirming also notes that there are replicas: before one is lost, and not with the first change after that.
      await Promise.all([link.beat(), serverClock.sync(), about.refresh(), confirmer.confirm([beatKey])])
    },
    useCredentials(url) {
      const next = readStoreUrl(url)
      return next !== undefined && clients.every((client) => takeCredentials(client, address, next))
    },
    close() {
      for (const one of [link, slow, confirming]) one.close()
    },
  }
}

/** Something that happens again and again, and the first time of it. */
function firstTime() {
  let note!: () => void
  const come = new Promise<void>((resolve) => {
    note = resolve
  })
  return { come, note }
}
