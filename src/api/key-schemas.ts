import { type Static, Type } from '@sinclair/typebox'
import { KEY_NAME_PATTERN, KEY_NAME_RULE, MAX_KEY_NAME } from '../access/api-key.js'
import { SCOPES, type Scope } from '../access/scopes.js'

/** Seconds for which a key may be valid that expires. */
export const MIN_KEY_SECONDS = 60
export const MAX_KEY_SECONDS = 10 * 365 * 86_400

const ScopeSchema = Type.Unsafe<Scope>({
  title: 'Scope',
  type: 'string',
  enum: [...SCOPES],
  description: 'What a key may do. admin: everything, and alone to manage keys.',
})

const name = Type.String({ description: 'It stands in the audit trail.', examples: ['support'] })
const scopes = Type.Array(ScopeSchema, { minItems: 1, maxItems: SCOPES.length, uniqueItems: true })

export const CreateKey = Type.Object(
  {
    name: Type.String({
      maxLength: MAX_KEY_NAME,
      pattern: KEY_NAME_PATTERN,
      description: `Its own name: ${KEY_NAME_RULE}.`,
    }),
    scopes,
    expires_in: Type.Optional(
      Type.Integer({
        minimum: MIN_KEY_SECONDS,
        maximum: MAX_KEY_SECONDS,
        description: 'Seconds from now. Without it, it is valid until it is revoked.',
      }),
    ),
  },
  {
    title: 'NewKey',
    additionalProperties: false,
    examples: [{ name: 'support', scopes: ['sessions:read', 'explain'], expires_in: 7_776_000 }],
  },
)

const key = {
  name,
  scopes: Type.Array(ScopeSchema),
  status: Type.Unsafe<'valid' | 'expired' | 'revoked'>({
    title: 'KeyStatus',
    type: 'string',
    enum: ['valid', 'expired', 'revoked'],
  }),
  origin: Type.Unsafe<'environment' | 'configuration' | 'store'>({
    title: 'KeyOrigin',
    type: 'string',
    enum: ['environment', 'configuration', 'store'],
    description: 'API_KEYS, API_KEY_HASHES, or the store. Only those of the store can be revoked here.',
  }),
  created_at: Type.Optional(Type.String({ format: 'date-time' })),
  expires_at: Type.Optional(Type.String({ format: 'date-time' })),
  revoked_at: Type.Optional(Type.String({ format: 'date-time' })),
}

const SOME_KEY = {
  name: 'support',
  scopes: ['sessions:read', 'explain'],
  status: 'valid',
  origin: 'store',
  created_at: '2100-01-01T00:00:00.000Z',
  expires_at: '2100-04-01T00:00:00.000Z',
}

export const KeyView = Type.Object(key, { title: 'Key', examples: [SOME_KEY] })
export type KeyView = Static<typeof KeyView>

export const CreatedKeyView = Type.Object(
  { ...key, key: Type.String({ description: 'The key itself, which is shown this once.' }) },
  { title: 'CreatedKey', examples: [{ ...SOME_KEY, key: `cmk_${'0'.repeat(16)}_${'A'.repeat(43)}` }] },
)
export type CreatedKeyView = Static<typeof CreatedKeyView>

export const KeyListView = Type.Object(
  { keys: Type.Array(KeyView) },
  { title: 'KeyList', examples: [{ keys: [SOME_KEY] }] },
)
export type KeyListView = Static<typeof KeyListView>

export const OwnKeyView = Type.Object(
  { name, scopes: key.scopes, expires_at: key.expires_at },
  {
    title: 'OwnKey',
    examples: [{ name: SOME_KEY.name, scopes: SOME_KEY.scopes, expires_at: SOME_KEY.expires_at }],
  },
)
export type OwnKeyView = Static<typeof OwnKeyView>

export const KeyPath = Type.Object({
  name: Type.String({ maxLength: 64, description: 'The name of a key.', examples: ['support'] }),
})
