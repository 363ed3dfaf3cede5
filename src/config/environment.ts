import { readFileSync } from 'node:fs'
import { parseEnv } from 'node:util'

/** Variables by name, as in `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>

/** The process's environment, and below it the file `.env` where there is one. */
export function readEnvironment(file = '.env', environment: Environment = process.env): Environment {
  try {
    return { ...parseEnv(readFileSync(file, 'utf8')), ...environment }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return environment
    throw error
  }
}
