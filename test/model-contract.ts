/** Random histories on the whole service, over one kind of store. */
import type { FastifyInstance } from 'fastify'
import type { Test } from 'tap'
import { buildApp } from '../src/app.js'
import { createLogger } from '../src/logger.js'
import type { TestClock } from './clocks.js'
import { captured } from './fixtures.js'
import { ENVIRONMENT, nothingYet, tryHistories } from './session-model.js'

/** Of one history. */
const MAX_COMMANDS = 400

export interface ModelContract {
  /** How many histories `npm test` tries. `npm run test:model` raises it to the nightly size. */
  readonly histories: number
  /** Starts the service of one history, on a store in which nothing is. */
  readonly start: (clock: TestClock) => Promise<FastifyInstance>
}

/** Of so few histories it happens in some runs that nobody finds the pool exhausted. After so many rounds it is no chance. */
const MAX_ROUNDS = 10

/** The service must do what the oracle says, and each kind of thing must have happened, more than once for each history. */
export async function modelContract(t: Test, { histories, start }: ModelContract): Promise<void> {
  const tried = Number(process.env.MODEL_HISTORIES ?? histories)
  const counts = nothingYet()
  const isVaried = () => Math.min(counts.created, counts.exhausted, counts.bridged, counts.farewells) > tried
  for (let round = 0; round < MAX_ROUNDS && !isVaried(); round++)
    await tryHistories(start, { maxCommands: MAX_COMMANDS, histories: tried }, counts)
  t.ok(isVaried(), JSON.stringify(counts))
}

/** The service of the model on a store. `settings` say where that is; without them it is in memory. */
export async function serviceOn(
  settings: Record<string, string>,
  clock: TestClock,
): Promise<FastifyInstance> {
  const environment = { ...ENVIRONMENT, ...settings }
  const app = buildApp({ environment, logger: createLogger(captured().stream), clock })
  await app.ready()
  return app
}
