import type { Test } from 'tap'
import type { CreateOutcome, SessionDraft } from '../src/masking/session-store.js'
import type { Storage } from '../src/masking/storage.js'
import { createAbout, storePrefix } from '../src/stores/about.js'
import { readStoreUrl, type StoreAddress } from '../src/stores/redis/address.js'
import { createClient } from '../src/stores/redis/client.js'
import { createConfirmer } from '../src/stores/redis/confirmer.js'
import { createLink, type Link } from '../src/stores/redis/link.js'
import { createRedisTexts } from '../src/stores/redis/redis-texts.js'
import { withScripts } from '../src/stores/redis/scripts.js'
import { createSealedScript } from '../src/stores/sealed-script.js'
import { createStorage } from '../src/stores/storage.js'
import { createVault, type Vault } from '../src/stores/vault.js'
import { patientClock } from './clocks.js'
import { until } from './redis-server.js'
import { DAY, HOUR, POOL, person, START, whole } from './session-store-contract.js'
import { rulesOver, type SessionStore, type StoreOptions, storeOver } from './store-under-test.js'

export const STORE_KEY = Buffer.alloc(32, 'a key of the tests').toString('base64')
export const OTHER_KEY = Buffer.alloc(32, 'another key').toString('base64')

export const PREFIX = storePrefix('callmask')

export interface TestStore {
  readonly store: SessionStore
  readonly storage: Storage
  readonly link: Link
  readonly vault: Vault
}

/** A store on a server, with connections of its own that end with the test, and without time limits. */
export async function connect(
  t: Test,
  url: string,
  options: StoreOptions,
  keys: readonly [string, ...string[]] = [STORE_KEY],
): Promise<TestStore> {
  const address = readStoreUrl(url) as StoreAddress
  const links = [0, 1].map(() =>
    createLink({
      client: withScripts(createClient(address)),
      clock: patientClock,
      beatKey: `${PREFIX}beat`,
      onChange: () => undefined,
    }),
  ) as [Link, Link]
  t.teardown(() => {
    for (const link of links) link.close()
  })
  await until('the store is there', () => links.every(({ isUp }) => isUp))
  const [link, own] = links
  const vault = createVault(keys)
  const confirmer = createConfirmer({ writes: link, own, prefix: PREFIX, now: () => performance.now() })
  const texts = createRedisTexts({ link, confirmer, prefix: PREFIX, now: options.now })
  const about = createAbout(texts, vault)
  const script = createSealedScript({ vault, namingSecret: about.namingSecret })
  const storage = createStorage(texts, script, about.known)
  return { store: await storeOver(storage, options), storage, link, vault }
}

/** Stands between the rules and a storage: runs each operation, or fails in its place. */
export type Spy = (operation: string, run: () => Promise<unknown>) => Promise<unknown>

/** A storage whose operations go through a spy. */
export function spiedOn(storage: Storage, spy: Spy): Storage {
  return new Proxy(storage, {
    get(target, name) {
      const value = Reflect.get(target, name)
      if (typeof value !== 'function' || name === 'now' || name === 'all') return value
      return (...args: unknown[]) => spy(String(name), () => value.apply(target, args))
    },
  })
}

/** The same store, with a spy on all that it asks. */
export function storeThrough(storage: Storage, options: StoreOptions, spy: Spy): SessionStore {
  return rulesOver(spiedOn(storage, spy), options)
}

/** Options with a clock that stands still until it is moved. */
export function standing(more: Partial<StoreOptions> = {}) {
  const world = { time: START }
  const options: StoreOptions = { now: () => world.time, pool: POOL, restMs: HOUR, fixed: [], ...more }
  return Object.assign(world, { options })
}

/** A draft of a session of two people that lasts for a month. */
export function draft(first: number, second: number, more: Partial<SessionDraft> = {}): SessionDraft {
  return {
    participants: [person(first), person(second)],
    createdAt: START,
    expiresAt: START + 30 * DAY,
    fingerprint: `${first}-${second}`,
    allowShortRest: false,
    ...more,
  }
}

/** The session of an outcome that has one. */
export function sessionIn(outcome: CreateOutcome) {
  if (outcome.kind === 'created' || outcome.kind === 'existing') return outcome.session
  throw new Error(`no session: ${JSON.stringify(outcome)}`)
}

/** The change that replaces the second participant. */
export const replace = (n: number) => ({
  replace: { side: 1, number: whole(person(n)) } as const,
  allowShortRest: false,
})
