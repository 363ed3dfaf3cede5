import type { FastifyInstance } from 'fastify'
import type { Test } from 'tap'
import { buildApp } from '../src/app.js'
import { type Clock, systemClock } from '../src/clock.js'
import type { Environment } from '../src/config/environment.js'
import { readMaskingNumbers } from '../src/config/masking-numbers.js'
import type { Post } from '../src/events/post.js'
import { createLogger } from '../src/logger.js'
import { recordKey } from '../src/masking/keys.js'
import { createLegLookup, type LegLookup } from '../src/masking/leg-lookup.js'
import { captured, PAIR } from './fixtures.js'

export interface Built {
  readonly app: FastifyInstance
  /** What was logged at the start, at level `trace`. */
  readonly startLog: string
  /** Everything that was logged since, but for the audit trail. */
  readonly logged: () => string
  /** The lines of the audit trail, from the start on. */
  readonly audited: () => string[]
}

/** The whole service on the example numbers, closed when the test ends. */
export async function build(
  t: Test,
  environment: Environment = {},
  clock: Clock = systemClock,
  /** Stands in for the network. */
  outside: typeof fetch = fetch,
  /** Stands in for the endpoints of events. */
  post?: Post,
): Promise<Built> {
  const { stream, written } = captured()
  const logger = createLogger(stream)
  const app = buildApp({
    environment: { ...PAIR, LOG_LEVEL: 'trace', ...environment },
    logger,
    clock,
    fetch: outside,
    ...(post && { post }),
  })
  t.teardown(() => app.close())
  await app.ready()
  const isAudit = (line: string) => line.startsWith('{"audit":true')
  const log = () =>
    written()
      .split(/(?<=\n)/)
      .filter((line) => !isAudit(line))
      .join('')
  const startLog = log()
  return {
    app,
    startLog,
    logged: () => log().slice(startLog.length),
    audited: () => written().split('\n').filter(isAudit),
  }
}

/** Whether a service has its store: for calls, for the API, and to confirm what was written. */
export async function hasStore({ sharedStore, storages }: FastifyInstance): Promise<boolean> {
  const asked = [storages.forCalls, storages.storage].map((storage) => storage.read([recordKey('s_none')]))
  const answers = await Promise.allSettled(asked)
  const isAsked = sharedStore?.isUp === true && answers.every(({ status }) => status === 'fulfilled')
  return isAsked && (await storages.storage.confirm([recordKey('s_none')]))
}

/** A pool of three numbers, and an API with a key. */
export const API = {
  environment: {
    MASKING_NUMBERS: '919000000011,919000000012,919000000013',
    API_KEYS: 'a-key-of-the-tests-0000',
  },
  headers: { authorization: 'Bearer a-key-of-the-tests-0000' },
} as const

/** The masking numbers and the static pair of an environment, and no session. */
export function fixedLegs(numbers: Record<string, string>): LegLookup {
  const { all, fixed } = readMaskingNumbers({ ...numbers, DEFAULT_COUNTRY: 'IN' })
  return createLegLookup({
    numbers: all,
    fixed,
    sessions: { findLeg: async () => undefined },
  })
}
