import type { Test } from 'tap'
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
import type { Texts } from '../src/stores/texts.js'
import { createVault, type Vault } from '../src/stores/vault.js'
import { patientClock } from './clocks.js'
import { standing } from './drafts.js'
import { type TestServer, until } from './redis-server.js'
import { START } from './session-store-contract.js'
import { type SessionStore, type StoreOptions, storeOver } from './store-under-test.js'

export const STORE_KEY = Buffer.alloc(32, 'a key of the tests').toString('base64')
export const OTHER_KEY = Buffer.alloc(32, 'another key').toString('base64')

export const PREFIX = storePrefix('callmask')

export interface TestStore {
  readonly store: SessionStore
  readonly storage: Storage
  readonly texts: Texts
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
      client: withScripts(createClient(address, patientClock)),
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
  return { store: await storeOver(storage, options), storage, texts, link, vault }
}

/**
 * Empties the servers and gives a storage there, with this clock. It is over one connection for all: to connect for each of so
 * many tests would take minutes.
 */
export async function emptying(
  t: Test,
  url: string,
  servers: readonly TestServer[],
): Promise<(clock: () => number) => Promise<Storage>> {
  let now = () => START
  const { storage } = await connect(t, url, { ...standing().options, now: () => now() })
  return async (clock) => {
    now = clock
    await Promise.all(servers.map(({ client }) => client.flushall()))
    return storage
  }
}
