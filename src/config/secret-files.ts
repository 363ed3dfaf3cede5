import { readFileSync, statSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import type { Environment } from './environment.js'
import type { ConfigProblem } from './rules.js'
import { SECRETS } from './schema.js'

/** The largest file of a secret, in bytes: anything larger is another file. */
export const SECRET_FILE_LIMIT = 64 * 1024
const SUFFIX = '_FILE'

/** The variable whose value stands in the file that this variable names. */
export function secretOf(variable: string): string {
  return variable.replace(new RegExp(`${SUFFIX}$`), '')
}

/** An environment in which each secret that stands in a file has the text of that file, and what is wrong with the files. */
export function readSecretFiles(given: Environment): {
  readonly environment: Environment
  readonly problems: readonly ConfigProblem[]
} {
  const environment: Record<string, string | undefined> = { ...given }
  const problems: ConfigProblem[] = []
  for (const { variable, secret, path } of secretFiles(given)) {
    delete environment[variable]
    if (given[secret]) {
      problems.push({ variable, wrong: `is set, and ${secret} too: set one of the two` })
      continue
    }
    try {
      environment[secret] = readSecretFile(path)
    } catch (error) {
      problems.push({ variable, wrong: wrongOf(error) })
    }
  }
  return { environment, problems }
}

/** Tells whether the files were changed: differs when one of them was, also when what it names is another file now. */
export async function stateOfSecretFiles(environment: Environment): Promise<string> {
  const states = secretFiles(environment).map(({ path }) =>
    stat(path).then(
      ({ dev, ino, size, mtimeMs }) => [dev, ino, size, mtimeMs].join(':'),
      ({ code }) => String(code),
    ),
  )
  return (await Promise.all(states)).join()
}

/** The secrets that stand in files. */
export function secretFiles(environment: Environment) {
  return SECRETS.flatMap((secret) => {
    const variable = secret + SUFFIX
    const path = environment[variable]
    return path ? { variable, secret, path } : []
  })
}

/** What is wrong with a file, as the second half of a sentence. It never quotes the path: a secret may stand there by mistake. */
class SecretFileError extends Error {}

function readSecretFile(path: string): string {
  const file = statSync(path)
  // Reading a pipe could wait for ever, and its text could not be read again.
  if (!file.isFile()) throw new SecretFileError('names something that is no file')
  if (file.size > SECRET_FILE_LIMIT)
    throw new SecretFileError(`names a file of more than ${SECRET_FILE_LIMIT} bytes`)
  // Editors and `echo` end a file with a new line.
  const text = readFileSync(path, 'utf8').replace(/[\r\n]+$/, '')
  if (text === '') throw new SecretFileError('names a file that is empty')
  return text
}

function wrongOf(error: unknown): string {
  if (error instanceof SecretFileError) return error.message
  return `names a file that cannot be read (${(error as NodeJS.ErrnoException).code})`
}
