import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  hkdfSync,
  type KeyObject,
  randomBytes,
} from 'node:crypto'

/** Keeps real numbers unreadable at rest. The first key writes, all keys read. */
export interface Vault {
  /**
   * Names under which a text may be found, the one to write first. Nobody without the keys can tell the text, nor that two
   * names for different purposes are of the same text.
   */
  namesOf(text: string, purpose: NamePurpose): readonly [string, ...string[]]
  /** @param context what the value belongs to: moved elsewhere, it cannot be opened */
  seal(value: string, context: string): string
  /** Throws when it was sealed with none of the keys, or for something else. */
  open(sealed: string, context: string): string
  /** Identify the keys without revealing them. */
  readonly keyIds: readonly string[]
}

/** What names are for. Each has a key of its own. */
const PURPOSES = [
  /** Whose book it is. */
  'person',
  /** Who is meant in it. */
  'counterpart',
  'external id',
  'idempotency key',
  /** What a session was asked for. */
  'fingerprint',
  /** What came with a nonce. */
  'body',
] as const

export type NamePurpose = (typeof PURPOSES)[number]

/** Another instance has a key that this one lacks. */
export class UnknownKeyError extends Error {
  override readonly name = 'UnknownKeyError'

  constructor() {
    super('sealed with a key that is not in STORE_KEY')
  }
}

/** Bytes of a key. */
export const STORE_KEY_BYTES = 32
const CIPHER = 'aes-256-gcm'
const IV_BYTES = 12
const TAG_BYTES = 16
/** Characters of a name: 128 bits. */
const NAME_CHARACTERS = 22
const ID_CHARACTERS = 8

interface Key {
  readonly id: string
  readonly naming: Readonly<Record<NamePurpose, KeyObject>>
  readonly sealing: KeyObject
}

/** @param keys in base64, 32 bytes each; the first one writes */
export function createVault(keys: readonly [string, ...string[]]): Vault {
  const [current, ...older] = keys.map(deriveKeys) as [Key, ...Key[]]
  const all = [current, ...older]

  return {
    namesOf: (text, purpose) => [
      nameOf(text, current.naming[purpose]),
      ...older.map((key) => nameOf(text, key.naming[purpose])),
    ],

    seal(value, context) {
      const iv = randomBytes(IV_BYTES)
      const cipher = createCipheriv(CIPHER, current.sealing, iv).setAAD(Buffer.from(context))
      const sealed = Buffer.concat([iv, cipher.update(value, 'utf8'), cipher.final(), cipher.getAuthTag()])
      return `${current.id}.${sealed.toString('base64')}`
    },

    open(sealed, context) {
      const [id, text = ''] = sealed.split('.')
      const key = all.find((key) => key.id === id)
      if (!key) throw new UnknownKeyError()
      const bytes = Buffer.from(text, 'base64')
      // A shorter tag would be accepted, and is guessed sooner.
      if (bytes.length < IV_BYTES + TAG_BYTES) throw new Error('too short for a sealed text')
      const iv = bytes.subarray(0, IV_BYTES)
      const decipher = createDecipheriv(CIPHER, key.sealing, iv, { authTagLength: TAG_BYTES })
        .setAAD(Buffer.from(context))
        .setAuthTag(bytes.subarray(-TAG_BYTES))
      return decipher.update(bytes.subarray(IV_BYTES, -TAG_BYTES), undefined, 'utf8') + decipher.final('utf8')
    },

    keyIds: all.map(({ id }) => id),
  }
}

/** What is sealed or named otherwise than now has another number, so that neither is taken for the other. */
const FORMAT = 2

function deriveKeys(text: string): Key {
  const key = Buffer.from(text, 'base64')
  const derive = (use: string) => Buffer.from(hkdfSync('sha256', key, '', `callmask ${FORMAT} ${use}`, 32))
  const naming = PURPOSES.map((purpose) => [purpose, createSecretKey(derive(`naming ${purpose}`))] as const)
  return {
    id: derive('id').toString('hex').slice(0, ID_CHARACTERS),
    naming: Object.fromEntries(naming) as Key['naming'],
    sealing: createSecretKey(derive('sealing')),
  }
}

function nameOf(text: string, key: KeyObject): string {
  return createHmac('sha256', key).update(text).digest('base64url').slice(0, NAME_CHARACTERS)
}
