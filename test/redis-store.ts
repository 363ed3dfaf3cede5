import type { Test } from 'tap'
import type {
  CreateOutcome,
  SessionDraft,
  SessionStore,
  SessionStoreOptions,
} from '../src/masking/session-store.js'
import { readStoreUrl, type StoreAddress } from '../src/stores/redis/address.js'
import { createClient } from '../src/stores/redis/client.js'
import { createDurableLane } from '../src/stores/redis/durable-lane.js'
import { createLink, type Link } from '../src/stores/redis/link.js'
import { createRedisSessions } from '../src/stores/redis/redis-sessions.js'
import { withScripts } from '../src/stores/redis/scripts.js'
import { createVault, type Vault } from '../src/stores/redis/vault.js'
import { patientClock } from './clocks.js'
import { until } from './redis-server.js'
import { DAY, HOUR, POOL, person, START, whole } from './session-store-contract.js'

export const STORE_KEY = Buffer.alloc(32, 'a key of the tests').toString('base64')
export const OTHER_KEY = Buffer.alloc(32, 'another key').toString('base64')

export interface TestStore {
  readonly store: SessionStore
  readonly link: Link
  readonly vault: Vault
}

/** A store on a server, with connections of its own that end with the test. */
export async function connect(
  t: Test,
  url: string,
  options: SessionStoreOptions,
  keys: readonly [string, ...string[]] = [STORE_KEY],
): Promise<TestStore> {
  const address = readStoreUrl(url) as StoreAddress
  const links = [0, 1].map(() =>
    createLink({
      client: withScripts(createClient(address)),
      clock: patientClock,
      onChange: () => undefined,
    }),
  ) as [Link, Link]
  t.teardown(() => {
    for (const link of links) link.close()
  })
  await until('the store is there', () => links.every(({ isUp }) => isUp))
  const vault = createVault(keys)
  const lane = createDurableLane(links[1])
  return { store: createRedisSessions({ ...options, link: links[0], lane, vault }), link: links[0], vault }
}

/** Stands between a store and the server: runs each command, or fails in its place. */
export type Spy = (command: string, run: () => Promise<unknown>) => Promise<unknown>

/** A link whose commands go through a spy. An error of the spy does not take the link down. */
export function spiedOn(link: Link, spy: Spy): Link {
  return {
    get isUp() {
      return link.isUp
    },
    close: () => link.close(),
    async ask(question) {
      const client = await link.ask(async (client) => client)
      const spied = new Proxy(client, {
        get(target, name) {
          const value = Reflect.get(target, name)
          if (typeof value !== 'function') return value
          return (...args: unknown[]) => spy(String(name), () => value.apply(target, args))
        },
      })
      return question(spied)
    },
  }
}

/** The same store without time limits, for tests that are not about time. */
export function patient(base: TestStore, options: SessionStoreOptions): TestStore {
  return { ...base, store: storeThrough(base, options, (_command, run) => run()) }
}

/** The same store, with a spy on all that it asks. */
export function storeThrough(
  { link, vault }: Pick<TestStore, 'link' | 'vault'>,
  options: SessionStoreOptions,
  spy: Spy,
): SessionStore {
  const spied = spiedOn(link, spy)
  return createRedisSessions({ ...options, link: spied, lane: createDurableLane(spied), vault })
}

/** Options with a clock that stands still until it is moved. */
export function standing(more: Partial<SessionStoreOptions> = {}) {
  const world = { time: START }
  const options: SessionStoreOptions = { now: () => world.time, pool: POOL, restMs: HOUR, fixed: [], ...more }
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
