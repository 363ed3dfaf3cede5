import type { FastifyEnvOptions } from '@fastify/env'
import { Ajv } from 'ajv'
import { KNOWN_GOOD } from '../known-good.js'
import type { Environment } from './environment.js'
import { type ConfigProblem, crossProblems, formats } from './rules.js'
import { type Config, ConfigSchema, variableSchema } from './schema.js'
import { readSecretFiles, secretOf } from './secret-files.js'

const REMEDY = 'see .env.example, or let `npx callmask init` write an .env'

/** The service cannot start. The message lists every problem, and no value. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'

  constructor(readonly problems: readonly ConfigProblem[]) {
    const lines = problems.map(
      ({ variable, wrong }) => `  ${variable} ${wrong}; expected: ${expected(variable)}`,
    )
    super(`The configuration is not right (${REMEDY}):\n${lines.join('\n')}`)
  }
}

function expected(variable: string): string {
  const { description } = variableSchema(variable) ?? {}
  return description ?? `the path of a file that holds ${secretOf(variable)} and nothing else`
}

/** The configuration in an environment. Throws a `ConfigError` with all that is wrong. */
export function readConfig(environment: Environment): Config {
  const config = withoutEmpty(checkedEnvironment(environment))
  // Converts texts to numbers, and puts the defaults in.
  ajv.validate(ConfigSchema, config)
  return config as unknown as Config
}

/** An environment that is right, with the secrets that stand in files. Throws a `ConfigError` with all that is wrong. */
export function checkedEnvironment(given: Environment): Environment {
  const { environment, problems: ofFiles } = readSecretFiles(given)
  const unread = ofFiles.map(({ variable }) => secretOf(variable))
  const others = [...schemaProblems(environment), ...crossProblems(withoutEmpty(environment))]
  const problems = [...ofFiles, ...others.filter(({ variable }) => !unread.includes(variable))]
  if (problems.length > 0) throw new ConfigError(firstPerVariable(problems))
  return environment
}

/** An environment with the secrets that stand in files. Throws a `ConfigError` where one of those cannot be read. */
export function withSecretFiles(given: Environment): Environment {
  const { environment, problems } = readSecretFiles(given)
  if (problems.length > 0) throw new ConfigError(problems)
  return environment
}

/** The options with which @fastify/env reads this environment and nothing else. */
export function envOptions(environment: Environment): FastifyEnvOptions {
  return { schema: ConfigSchema, data: withoutEmpty(environment), env: false, ajv }
}

/** As @fastify/env makes its own, but once: it would compile the schema anew for every configuration that is read. */
const ajv = new Ajv({
  ...KNOWN_GOOD,
  allErrors: true,
  removeAdditional: true,
  useDefaults: true,
  coerceTypes: true,
  formats,
  keywords: ['secret'],
  // A configuration is read once: making that faster takes longer.
  code: { optimize: false },
})

/** What is wrong with each variable by itself. */
function schemaProblems(environment: Environment): ConfigProblem[] {
  ajv.validate(ConfigSchema, withoutEmpty(environment))
  return (ajv.errors ?? []).map(({ keyword, instancePath, message = 'is wrong' }) => ({
    variable: instancePath.slice(1),
    wrong: keyword === 'format' ? 'is not valid' : message,
  }))
}

function firstPerVariable(problems: readonly ConfigProblem[]): ConfigProblem[] {
  return problems.filter(
    ({ variable }, i) => i === problems.findIndex((problem) => problem.variable === variable),
  )
}

/** An empty variable counts as absent, but where the schema gives the empty text a meaning. */
function withoutEmpty(environment: Environment): Record<string, string | undefined> {
  const given = Object.entries(environment).filter(
    ([name, value]) => value !== '' || variableSchema(name)?.minLength === 0,
  )
  return Object.fromEntries(given)
}
