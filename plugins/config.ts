import fastifyEnv from '@fastify/env'
import fp from 'fastify-plugin'
import type { Environment } from '../src/config/environment.js'
import type { Config } from '../src/config/schema.js'
import { envOptions, readConfig } from '../src/config/validation.js'

declare module 'fastify' {
  interface FastifyInstance {
    readonly config: Config
  }
}

export type { Config }

export interface ConfigOptions {
  readonly environment: Environment
}

/**
 * Validates the environment, decorates `app.config` and sets the level of the log. A `ConfigError` lists all that is
 * wrong.
 */
export default fp<ConfigOptions>(
  async (app, { environment }) => {
    // The plugin alone would report neither all problems nor those between variables.
    readConfig(environment)
    await app.register(fastifyEnv, envOptions(environment))
    app.log.level = app.config.LOG_LEVEL
  },
  { name: 'config' },
)
