import fastifyEnv from '@fastify/env'
import fp from 'fastify-plugin'
import type { Environment } from '../src/config/environment.js'
import type { Config } from '../src/config/schema.js'
import { checkedEnvironment, envOptions } from '../src/config/validation.js'
import { setLogTime } from '../src/logger.js'

declare module 'fastify' {
  interface FastifyInstance {
    /** The secrets in it may change while the service runs: see `app.secrets`. */
    readonly config: Config
  }
}

export type { Config }

export interface ConfigOptions {
  readonly environment: Environment
}

/**
 * Validates the environment, decorates `app.config` and sets how the log is written. A `ConfigError` lists all that is
 * wrong.
 */
export default fp<ConfigOptions>(
  async (app, { environment }) => {
    // The plugin alone would tell neither of all problems nor of those between variables, and knows no files.
    await app.register(fastifyEnv, envOptions(checkedEnvironment(environment)))
    app.log.level = app.config.LOG_LEVEL
    setLogTime(app.log, app.config.LOG_TIME)
  },
  { name: 'config' },
)
