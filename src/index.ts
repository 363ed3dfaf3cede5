/**
 * callmask embedded in another program: read the environment, build the service, listen.
 *
 * ```ts
 * const app = buildApp({ environment: readEnvironment(), logger: createLogger() })
 * await listen(app)
 * ```
 */
export type { Config } from '../plugins/config.js'
export type { Drain } from '../plugins/drain.js'
export { type AppOptions, buildApp } from './app.js'
export type { Clock } from './clock.js'
export { type Environment, EnvironmentFileError, readEnvironment } from './config/environment.js'
export type { ConfigProblem } from './config/rules.js'
export { ConfigError } from './config/validation.js'
export { listen } from './listen.js'
export { createLogger } from './logger.js'
