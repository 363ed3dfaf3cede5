import { readFileSync } from 'node:fs'
import { parseEnv } from 'node:util'
import type { EnvSchemaOpt } from 'env-schema'
import { type ConfigProblem, crossProblems, formats } from './rules.js'
import { ConfigSchema, variableSchema } from './schema.js'

/** Variables by name, as in `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>

/** The file of settings, in the directory where the process was started. */
export const ENVIRONMENT_FILE = '.env'

/** The process's environment, and below it the file `.env` where there is one. Throws an `EnvironmentFileError`. */
export function readEnvironment(
  file = ENVIRONMENT_FILE,
  environment: Environment = process.env,
): Environment {
  try {
    return { ...parseEnv(readFileSync(file, 'utf8')), ...environment }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') return environment
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

/** The options with which env-schema and @fastify/env make a `Config` of this environment and of nothing else. */
export function envOptions(environment: Environment): EnvSchemaOpt {
  return {
    schema: ConfigSchema,
    data: withoutEmpty(environment),
    env: false,
    ajv: {
      customOptions(ajv) {
        for (const [name, isValid] of Object.entries(formats)) ajv.addFormat(name, isValid)
        return ajv.addKeyword({ keyword: 'crossChecked', errors: true, validate: crossChecked })
      },
    },
  }
}

const REMEDY = 'see .env.example, or let `npx callmask init` write an .env'

/** The service cannot start. The message lists every problem, and no value. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'

  constructor(readonly problems: readonly ConfigProblem[]) {
    const lines = problems.map(
      ({ variable, wrong }) => `  ${variable} ${wrong}; expected: ${variableSchema(variable)?.description}`,
    )
    super(`The configuration is not right (${REMEDY}):\n${lines.join('\n')}`)
  }
}

/** What env-schema threw, as a `ConfigError` where it is about the environment. */
export function explained(error: unknown): unknown {
  const { errors } = error as { errors?: Failure[] }
  return errors ? new ConfigError(firstPerVariable(errors.map(problemOf))) : error
}

/** The part of an Ajv error that we read. */
interface Failure {
  readonly keyword?: string
  readonly instancePath: string
  readonly message?: string
}

function problemOf({ keyword, instancePath, message = 'is wrong' }: Failure): ConfigProblem {
  return { variable: instancePath.slice(1), wrong: keyword === 'format' ? 'is not valid' : message }
}

function firstPerVariable(problems: ConfigProblem[]): ConfigProblem[] {
  return problems.filter(
    ({ variable }, i) => i === problems.findIndex((problem) => problem.variable === variable),
  )
}

/** An Ajv keyword on the whole environment; Ajv reads what it found from its `errors`. */
function crossChecked(_schema: unknown, values: Environment): boolean {
  crossChecked.errors = crossProblems(values).map(({ variable, wrong }) => ({
    instancePath: `/${variable}`,
    message: wrong,
  }))
  return crossChecked.errors.length === 0
}
crossChecked.errors = [] as Failure[]

/** An empty variable counts as absent, but where the schema gives the empty text a meaning. */
function withoutEmpty(environment: Environment): Environment {
  const given = Object.entries(environment).filter(
    ([name, value]) => value !== '' || variableSchema(name)?.minLength === 0,
  )
  return Object.fromEntries(given)
}
