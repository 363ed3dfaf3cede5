/** Instances of the built service over one store, whose clocks may be apart. */
import { randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { freePorts } from '../test/ports.js'
import { API_KEY } from './api.js'
import { PAIR, POOL } from './people.js'
import { DIRECTORY, type Service, startInstance } from './processes.js'

/** Milliseconds by which the clocks of three instances are from the true one. */
export const APART: readonly number[] = [0, -20_000, 20_000]
/** Milliseconds after which an instance has a clock that was set. */
export const CLOCK_SET_MS = 1_200

export interface Instance extends Service {
  readonly log: string
  /** Where its connections come from. */
  readonly address: string
  /** By how many milliseconds its clock is from the true one. */
  readonly offset: () => number
  /** Takes effect within `CLOCK_SET_MS`. */
  setClock(offset: number): void
}

export interface Fleet {
  readonly instances: readonly Instance[]
  /** One more, started now. */
  add(offset: number): Promise<Instance>
  end(): Promise<void>
}

export interface FleetOptions {
  readonly storeUrl: string
  /** One for each instance, in milliseconds from the true time. */
  readonly clocks: readonly number[]
  readonly pool?: readonly string[]
  /** Seconds. */
  readonly rest?: number
  /** Settings besides those that all fleets have. */
  readonly settings?: NodeJS.ProcessEnv
  /** Loaded into the instances besides what tells their clocks and addresses. */
  readonly preloads?: readonly string[]
}

const preload = (name: string) => fileURLToPath(new URL(`./preload/${name}.mjs`, import.meta.url))
const PRELOADS = ['shifted-clock', 'own-address']

export async function startFleet({
  storeUrl,
  clocks,
  pool = POOL,
  rest = 1,
  settings,
  preloads = [],
}: FleetOptions): Promise<Fleet> {
  const environment = {
    ...PAIR,
    MASKING_NUMBERS: pool.map((number) => `+${number}`).join(),
    API_KEYS: API_KEY,
    API_RATE: '10000',
    STORE_URL: storeUrl,
    STORE_KEY: randomBytes(32).toString('base64'),
    NUMBER_REST: String(rest),
    WEBHOOK_AUTH: 'optional',
    DRAIN_DELAY: '0',
    LOG_LEVEL: 'info',
    NODE_OPTIONS: [...PRELOADS, ...preloads].map((name) => `--import=${preload(name)}`).join(' '),
    ...settings,
  }
  const started: Instance[] = []

  async function add(offset: number): Promise<Instance> {
    const [port = 0] = await freePorts(1)
    const place = started.push({} as Instance)
    const instance = await startOne(port, offset, `127.0.1.${place}`, environment)
    started[place - 1] = instance
    return instance
  }

  const instances = await Promise.all(clocks.map(add))
  return {
    instances,
    add,
    async end() {
      await Promise.all(started.map((instance) => instance.kill()))
    },
  }
}

async function startOne(
  port: number,
  firstOffset: number,
  address: string,
  environment: NodeJS.ProcessEnv,
): Promise<Instance> {
  const log = join(DIRECTORY, `instance-${port}.log`)
  const clockFile = join(DIRECTORY, `clock-${port}`)
  let offset = firstOffset
  writeFileSync(clockFile, String(offset))
  const own = { FAULT_CLOCK_FILE: clockFile, FAULT_OWN_ADDRESS: address }
  const service = await startInstance(port, { ...environment, ...own }, log)
  return Object.assign(service, {
    log,
    address,
    offset: () => offset,
    setClock(next: number) {
      offset = next
      writeFileSync(clockFile, String(next))
    },
  })
}
