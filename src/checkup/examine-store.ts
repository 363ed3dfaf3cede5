import type { EventEmitter } from 'node:events'
import { performance } from 'node:perf_hooks'
import { systemClock } from '../clock.js'
import { entries } from '../config/entries.js'
import type { Config } from '../config/schema.js'
import { storePrefix } from '../stores/about.js'
import { readStoreUrl, type StoreAddress } from '../stores/redis/address.js'
import { createClient } from '../stores/redis/client.js'
import { instancesOf } from '../stores/redis/instances.js'
import { createLink, type Link } from '../stores/redis/link.js'
import { checkAddress, checkServer } from '../stores/redis/server-checks.js'
import { createVault, type Vault } from '../stores/vault.js'
import type { Finding } from './finding.js'
import type { World } from './world.js'

/** Where sessions are kept, and whether the instances agree on how. The static pair alone needs no store. */
export async function examineStore(world: World, config: Config): Promise<Finding[]> {
  const { STORE_URL, STORE_KEY, MASKING_NUMBERS } = config
  const address = readStoreUrl(STORE_URL ?? '')
  if (address) {
    const vault = createVault(entries(STORE_KEY) as [string, ...string[]])
    return examineShared(world, { address, vault, prefix: storePrefix(config.STORE_PREFIX) })
  }
  if (!MASKING_NUMBERS) return []
  return [{ check: 'store', ok: true, seen: 'in memory: sessions end with the process; run one instance' }]
}

interface Examined {
  readonly address: StoreAddress
  readonly vault: Vault
  readonly prefix: string
}

async function examineShared(world: World, store: Examined): Promise<Finding[]> {
  const { address } = store
  const { link, trouble } = await reach(world, store)
  const findings: Finding[] = []
  try {
    if (!link.isUp) return [unreachable(trouble)]
    findings.push(await examineLatency(address, link))
    findings.push(...(await examineSettings(address, link)))
    findings.push(await examineKeys(world, link, store))
  } catch {
    findings.push({
      check: 'store',
      ok: false,
      seen: 'refuses a command, or stopped answering',
      remedy: 'look at the log of the store, and at what its user may do',
    })
  } finally {
    link.close()
  }
  return findings
}

/** Milliseconds that the store may take to be reached. */
const REACH_LIMIT_MS = 2_000
const WRONG_PASSWORD = /\b(WRONGPASS|NOAUTH)\b/

interface Reached {
  readonly link: Link
  /** The last error in a word, which may come from the server but never contains the URL. */
  readonly trouble: string | undefined
}

/** Waits until the store answers, refuses the password, or the time is up. */
function reach({ later }: World, { address, prefix }: Examined): Promise<Reached> {
  return new Promise((resolve) => {
    const client = createClient(address)
    const link = createLink({ client, clock: systemClock, beatKey: `${prefix}beat`, onChange: done })
    const cancel = later(REACH_LIMIT_MS, done)
    let trouble: string | undefined

    const events: EventEmitter = client
    for (const event of ['error', 'node error']) events.on(event, note)

    function note({ message, code }: NodeJS.ErrnoException): void {
      const [refused] = WRONG_PASSWORD.exec(message) ?? []
      trouble = refused ?? code ?? trouble
      if (refused) done()
    }

    function done(): void {
      cancel()
      resolve({ link, trouble })
    }
  })
}

function unreachable(trouble: string | undefined): Finding {
  const check = 'store'
  if (WRONG_PASSWORD.test(String(trouble))) {
    const seen = `refuses the password (${trouble})`
    return { check, ok: false, seen, remedy: 'correct the user and the password in STORE_URL' }
  }
  const seen = trouble ? `does not answer (${trouble})` : 'does not answer'
  return {
    check,
    ok: false,
    seen,
    remedy: 'check STORE_URL, that the store runs, and the way to it from here',
  }
}

async function examineLatency({ kind }: StoreAddress, link: Link): Promise<Finding> {
  const begun = performance.now()
  await link.ask((client) => client.ping())
  const ms = (performance.now() - begun).toFixed(1)
  return { check: 'store', ok: true, seen: `${kind}, answers in ${ms} ms` }
}

async function examineSettings(address: StoreAddress, link: Link): Promise<Finding[]> {
  const check = 'store settings'
  const problems = [...checkAddress(address), ...(await checkServer(link))]
  if (problems.length === 0) return [{ check, ok: true, seen: 'keep sessions safe' }]
  return problems.map((problem) => ({ check, ok: false, ...problem }))
}

async function examineKeys({ now }: World, link: Link, { vault, prefix }: Examined): Promise<Finding> {
  const check = 'store key'
  const instances = await instancesOf(link, prefix, now())
  const count = `${instances.length} instance${instances.length === 1 ? '' : 's'}`
  const others = instances.filter(({ keyIds }) => keyIds[0] !== vault.keyIds[0]).length
  if (others > 0) {
    const seen = `${others} of ${count} write with another key`
    return { check, ok: false, seen, remedy: 'give the same STORE_KEY to all instances, and to this command' }
  }
  if (instances.length === 0) return { check, ok: true, seen: 'no instance is running' }
  return { check, ok: true, seen: `${count} on this key` }
}
