import type { Environment } from '../config/environment.js'
import type { Patience, Transport } from '../vobiz/client.js'

/** All that a check-up needs of the world, whether a command or the service runs it. */
export interface World extends Transport {
  /** The settings, with the secrets that stand in files. */
  readonly environment: Environment
  /** The part of them that comes from the file of settings alone. */
  readonly fileEnvironment: Environment
  /** How long the account is waited for; undefined: as somebody at a terminal does. */
  readonly patience?: Patience
  /** The clock, in milliseconds since 1970. */
  readonly now: () => number
  /** Runs a function after so many milliseconds, unless the returned function is called before. */
  readonly later: (ms: number, run: () => void) => () => void
}
