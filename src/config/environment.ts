import { readFileSync } from 'node:fs'
import { parseEnv } from 'node:util'

/** Variables by name, as in `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>

/** The file of settings, in the directory where the process was started. */
export const ENVIRONMENT_FILE = '.env'

/** The process's environment, and below it the file `.env` where there is one. Throws an `EnvironmentFileError`. */
export function readEnvironment(
  file = ENVIRONMENT_FILE,
  environment: Environment = process.env,
): Environment {
  const settings = parsedFile(file)
  return settings ? { ...settings, ...environment } : environment
}

/** The part of that environment which comes from the file alone. */
export function readEnvironmentFile(
  file = ENVIRONMENT_FILE,
  environment: Environment = process.env,
): Environment {
  const settings = Object.entries(parsedFile(file) ?? {})
  return Object.fromEntries(settings.filter(([name]) => environment[name] === undefined))
}

/** Undefined when there is none. */
function parsedFile(file: string): Environment | undefined {
  try {
    return parseEnv(readFileSync(file, 'utf8'))
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') return undefined
    throw new EnvironmentFileError(file, code)
  }
}

/** The file of settings is there, and cannot be read. */
export class EnvironmentFileError extends Error {
  override readonly name = 'EnvironmentFileError'

  constructor(file: string, code: string | undefined) {
    super(`The file ${file} cannot be read (${code}): let this user read it, or move it away.`)
  }
}
