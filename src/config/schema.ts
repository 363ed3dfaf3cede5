import type { Static, TSchema } from '@sinclair/typebox'
import type { CountryCode } from 'libphonenumber-js'
import { ROLE_NAMES } from '../console/roles.js'
import { MAX_CALLS_OF_SESSION, MAX_PROMPT } from '../masking/call-options.js'
import { MAX_PIN_LENGTH, MIN_PIN_LENGTH } from '../masking/pins.js'
import {
  MAX_RETENTION_SECONDS,
  MAX_SESSION_SECONDS,
  MIN_RETENTION_SECONDS,
  MIN_SESSION_SECONDS,
  RETENTION_MS,
} from '../masking/session.js'
import { Type } from '../typebox.js'
import { LANGUAGES, type Language, VOICES, type Voice } from '../vobiz/document.js'

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const

/** Seconds after which the platform ends every call. */
const MAX_CALL_SECONDS = 24 * 60 * 60

/** Seconds for which a sign-in to the console may last. */
const MIN_SIGN_IN_SECONDS = 60
const MAX_SIGN_IN_SECONDS = 30 * 24 * 60 * 60

/** Characters of what a provider of identities is called, on a button. */
const MAX_PROVIDER_NAME = 40

/** Characters of a path secret: as many as 128 bits need in base64. */
export const MIN_SECRET_LENGTH = 22
const SECRET_DESCRIPTION = `at least ${MIN_SECRET_LENGTH} letters, digits, - or _, such as \`openssl rand -hex 16\` makes`

/**
 * Every environment variable of callmask. The type, the validation and the error messages come from here,
 * and a test holds `.env.example` and `docs/settings.md` against it. A description says what is expected;
 * durations are whole seconds. What is marked as a secret may also be the text of a file, which `NAME_FILE` names.
 */
export const ConfigSchema = Type.Object(
  {
    HOST: Type.Optional(Type.String({ description: 'an address of this machine, or 0.0.0.0 for all' })),
    PORT: Type.Integer({ minimum: 0, maximum: 65535, default: 8001, description: 'a TCP port, 0 to 65535' }),
    ADMIN_HOST: Type.Optional(Type.String({ description: 'an address of this machine, or 0.0.0.0 for all' })),
    ADMIN_PORT: Type.Optional(
      Type.Integer({ minimum: 0, maximum: 65535, description: 'a TCP port, 0 to 65535, other than PORT' }),
    ),
    LOG_LEVEL: Type.Unsafe<(typeof LOG_LEVELS)[number]>({
      type: 'string',
      enum: LOG_LEVELS,
      default: 'info',
      description: `one of ${LOG_LEVELS.join(', ')}`,
    }),
    LOG_TIME: Type.Unsafe<'unix' | 'iso'>({
      type: 'string',
      enum: ['unix', 'iso'],
      default: 'unix',
      description: 'unix or iso',
    }),
    METRICS: Type.Unsafe<'key' | 'public' | 'off'>({
      type: 'string',
      enum: ['key', 'public', 'off'],
      default: 'key',
      description: 'key, public or off',
    }),
    DRAIN_DELAY: Type.Optional(seconds(0, 300)),
    NODE_ENV: Type.Optional(Type.String({ description: 'production, where it is' })),
    VOBIZ_AUTH_ID: Type.Optional(Type.String({ description: "the Vobiz account's id, MA_… or SA_…" })),
    VOBIZ_API_BASE: Type.String({
      format: 'public-base-url',
      default: 'https://api.vobiz.ai/api/v1',
      description: 'the https URL of the Vobiz API',
    }),
    VOBIZ_APP_NAME: Type.String({
      pattern: '^[\\w-]+$',
      default: 'callmask',
      description: 'letters, digits, - and _',
    }),
    VOBIZ_AUTH_TOKEN: Type.Optional(
      Type.String({
        secret: true,
        format: 'one-or-two',
        description: "the Vobiz account's auth token; two with a comma while rotating",
      }),
    ),
    VOBIZ_PARENT_AUTH_TOKEN: Type.Optional(
      Type.String({
        secret: true,
        format: 'one-or-two',
        description: "the parent account's auth token; two with a comma while rotating",
      }),
    ),
    WEBHOOK_AUTH: Type.Optional(
      Type.Unsafe<'required' | 'optional'>({
        type: 'string',
        enum: ['required', 'optional'],
        description: 'required or optional',
      }),
    ),
    WEBHOOK_PATH_SECRET: Type.Optional(
      Type.String({
        secret: true,
        format: 'path-secrets',
        description: `${SECRET_DESCRIPTION}; two with a comma while rotating`,
      }),
    ),
    WEBHOOK_ALLOWED_IPS: Type.Optional(
      Type.String({ format: 'address-list', description: 'IP addresses or CIDR ranges, with commas' }),
    ),
    TRUSTED_PROXIES: Type.Optional(
      Type.String({ format: 'address-list', description: 'IP addresses or CIDR ranges, with commas' }),
    ),
    PUBLIC_BASE_URL: Type.Optional(
      Type.String({
        format: 'public-base-url',
        description: 'an https URL without credentials, query or fragment (http only for a loopback host)',
      }),
    ),
    DEFAULT_COUNTRY: Type.Unsafe<CountryCode>({
      type: 'string',
      format: 'country',
      default: 'IN',
      description: 'a two-letter country code, such as IN',
    }),
    M1: phoneNumber('the masking number that FE dials'),
    M2: phoneNumber('the masking number that CUSTOMER dials'),
    FE: phoneNumber('the real number of the one person'),
    CUSTOMER: phoneNumber('the real number of the other person'),
    MASKING_NUMBERS: Type.Optional(
      Type.String({
        format: 'phone-numbers',
        description:
          'the masking numbers of the pool, with commas and country codes (or all of M1, M2, FE, CUSTOMER)',
      }),
    ),
    ALLOWED_COUNTRIES: Type.Optional(
      Type.String({
        format: 'countries',
        description:
          'two-letter country codes with commas, such as IN,AE (001 for numbers that belong to no country)',
      }),
    ),
    API_KEYS: Type.Optional(
      Type.String({
        secret: true,
        format: 'secrets',
        description: `keys with commas, each ${SECRET_DESCRIPTION}`,
      }),
    ),
    API_DOCS: Type.Unsafe<'key' | 'public'>({
      type: 'string',
      enum: ['key', 'public'],
      default: 'key',
      description: 'key or public',
    }),
    API_KEY_HASHES: Type.Optional(
      Type.String({
        format: 'key-hashes',
        description: 'lines that `callmask keys create` printed, with commas',
      }),
    ),
    CONSOLE: Type.Unsafe<'on' | 'off'>({
      type: 'string',
      enum: ['on', 'off'],
      default: 'on',
      description: 'on or off',
    }),
    CONSOLE_IDLE: seconds(MIN_SIGN_IN_SECONDS, MAX_SIGN_IN_SECONDS, { default: 30 * 60 }),
    CONSOLE_LIMIT: seconds(MIN_SIGN_IN_SECONDS, MAX_SIGN_IN_SECONDS, { default: 12 * 60 * 60 }),
    CONSOLE_URL: Type.Optional(
      Type.String({
        format: 'origin-url',
        description: 'an https URL without a path (http only for a loopback host)',
      }),
    ),
    OIDC_ISSUER: Type.Optional(
      Type.String({
        format: 'public-base-url',
        description: 'the https URL of the provider as it names itself (http only for a loopback host)',
      }),
    ),
    OIDC_CLIENT_ID: Type.Optional(
      Type.String({ description: 'the id under which the provider knows this service' }),
    ),
    OIDC_CLIENT_SECRET: Type.Optional(
      Type.String({ secret: true, description: 'the secret that the provider gave out with that id' }),
    ),
    OIDC_ROLE_CLAIM: Type.String({
      default: 'groups',
      description: 'the name of a claim that holds a text or a list of texts',
    }),
    OIDC_ROLES: Type.Optional(
      Type.String({
        format: 'oidc-roles',
        description: `role=value with commas, each role one of ${ROLE_NAMES.join(', ')}`,
      }),
    ),
    OIDC_NAME: Type.Optional(
      Type.String({ maxLength: MAX_PROVIDER_NAME, description: `at most ${MAX_PROVIDER_NAME} characters` }),
    ),
    API_RATE: perSecond(10_000, 100),
    EXPLAIN_RATE: perSecond(1_000, 1),
    AUDIT_LOG: Type.String({
      format: 'audit-log',
      default: 'stdout',
      description: 'stdout, off, or the path of a file, with a slash',
    }),
    STORE_URL: Type.Optional(
      Type.String({
        secret: true,
        format: 'store-url',
        description:
          'file: and an absolute path, or redis:// or rediss:// with host and port, several hosts with commas and ?cluster or ?sentinel=<name>',
      }),
    ),
    STORE_KEY: Type.Optional(
      Type.String({
        secret: true,
        format: 'store-keys',
        description:
          '32 bytes in base64, such as `openssl rand -base64 32` makes; two with a comma while rotating',
      }),
    ),
    STORE_PREFIX: Type.String({
      default: 'callmask',
      pattern: '^[A-Za-z0-9_-]{1,32}$',
      description:
        '1 to 32 letters, digits, - or _: in front of every key of this deployment in the shared store',
    }),
    SESSION_TTL: seconds(MIN_SESSION_SECONDS, MAX_SESSION_SECONDS, { default: 86_400 }),
    NUMBER_REST: seconds(0, MAX_SESSION_SECONDS, { default: 86_400 }),
    SESSION_RETENTION: seconds(MIN_RETENTION_SECONDS, MAX_RETENTION_SECONDS, {
      default: RETENTION_MS / 1_000,
    }),
    RING_TIMEOUT: seconds(1, 600, { default: 30 }),
    CALLS_PER_NUMBER: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 1_000_000, description: 'calls a minute, from 1 to 1000000' }),
    ),
    CALL_TIME_LIMIT: Type.Optional(seconds(1, MAX_CALL_SECONDS)),
    ANSWER_FIRST: Type.Unsafe<'off' | 'wait'>({
      type: 'string',
      enum: ['off', 'wait'],
      default: 'off',
      description: 'off or wait',
    }),
    CALL_GREETING: Type.Optional(prompt()),
    CALL_WHISPER: Type.Optional(prompt()),
    CALL_LANGUAGE: Type.Optional(
      Type.Unsafe<Language>({
        type: 'string',
        enum: LANGUAGES,
        description: `one of ${LANGUAGES.join(', ')}; for another one give the URL of a recording`,
      }),
    ),
    CALL_VOICE: Type.Optional(
      Type.Unsafe<Voice>({ type: 'string', enum: VOICES, description: `one of ${VOICES.join(', ')}` }),
    ),
    CALL_HOURS: Type.Optional(
      Type.String({
        format: 'hours',
        description: 'days, times and a time zone, such as mon-sat 09:00-21:00 Asia/Kolkata',
      }),
    ),
    CALL_RECORD: Type.Unsafe<'off' | 'on'>({
      type: 'string',
      enum: ['off', 'on'],
      default: 'off',
      description: 'off or on',
    }),
    CALL_ANNOUNCEMENT: Type.Optional(prompt('; or none, to record without saying so')),
    SESSION_MAX_CALLS: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: MAX_CALLS_OF_SESSION,
        description: `calls, from 1 to ${MAX_CALLS_OF_SESSION}`,
      }),
    ),
    PIN_LENGTH: Type.Optional(
      Type.Integer({
        minimum: MIN_PIN_LENGTH,
        maximum: MAX_PIN_LENGTH,
        description: `digits, from ${MIN_PIN_LENGTH} to ${MAX_PIN_LENGTH}`,
      }),
    ),
    SUPPORT_NUMBER: phoneNumber('a number of the business, such as its support line'),
    CALL_RETENTION: seconds(MIN_RETENTION_SECONDS, MAX_RETENTION_SECONDS, { default: 90 * 24 * 60 * 60 }),
    EVENT_RETENTION: seconds(MIN_RETENTION_SECONDS, MAX_RETENTION_SECONDS, { default: 7 * 24 * 60 * 60 }),
    EVENT_ALLOWED_NETWORKS: Type.Optional(
      Type.String({ format: 'address-list', description: 'IP addresses or CIDR ranges, with commas' }),
    ),
    SESSION_EXPIRING_BEFORE: seconds(0, MAX_SESSION_SECONDS, { default: 300 }),
    RECORDING_RETENTION: Type.Optional(seconds(MIN_RETENTION_SECONDS, MAX_RETENTION_SECONDS)),
    REJECTION_MESSAGE: message('Sorry, this number is not authorised for your account.'),
    CLOSED_MESSAGE: Type.Optional(message()),
  },
  { additionalProperties: false },
)

export type Config = Static<typeof ConfigSchema>

/** The variables that may also come from a file. */
export type SecretName = keyof Config & string
export const SECRETS: readonly SecretName[] = Object.entries<TSchema>(ConfigSchema.properties)
  .filter(([, schema]) => schema.secret === true)
  .map(([name]) => name as SecretName)

/** The schema of a variable by its name, which may be one that we do not have. */
export function variableSchema(name: string): TSchema | undefined {
  const variables: Record<string, TSchema> = ConfigSchema.properties
  return variables[name]
}

function seconds(minimum: number, maximum: number, more: { readonly default?: number } = {}) {
  return Type.Integer({
    minimum,
    maximum,
    description: `whole seconds from ${minimum} to ${maximum}`,
    ...more,
  })
}

function perSecond(maximum: number, standard: number) {
  return Type.Integer({
    minimum: 1,
    maximum,
    default: standard,
    description: `whole requests a second from 1 to ${maximum}`,
  })
}

function phoneNumber(description: string) {
  return Type.Optional(
    Type.String({ format: 'phone-number', description: `${description}, with its country code` }),
  )
}

function prompt(more = '') {
  return Type.String({
    format: 'prompt',
    maxLength: MAX_PROMPT,
    description: `at most ${MAX_PROMPT} characters to be spoken, or the https URL of an MP3 or WAV file${more}`,
  })
}

function message(words?: string) {
  return Type.String({
    minLength: 0,
    maxLength: 1000,
    ...(words !== undefined && { default: words }),
    description: 'at most 1000 characters, or nothing to refuse without answering',
  })
}
