import type { FastifyInstance } from 'fastify'
import type { Test } from 'tap'
import { buildApp } from '../src/app.js'
import type { Environment } from '../src/config/environment.js'
import { createLogger } from '../src/logger.js'
import { captured, PAIR } from './fixtures.js'

export interface Built {
  readonly app: FastifyInstance
  /** What was logged at the start, at level `trace`. */
  readonly startLog: string
  /** Everything that was logged since. */
  readonly logged: () => string
}

/** The whole service on the example numbers, closed when the test ends. */
export async function build(t: Test, environment: Environment = {}): Promise<Built> {
  const { stream, written } = captured()
  const logger = createLogger(stream)
  const app = buildApp({ environment: { ...PAIR, LOG_LEVEL: 'trace', ...environment }, logger })
  t.teardown(() => app.close())
  await app.ready()
  const startLog = written()
  return { app, startLog, logged: () => written().slice(startLog.length) }
}
