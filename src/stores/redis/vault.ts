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
  /** Names under which a text may be found, the one to write first. They do not reveal it without the keys. */
  namesOf(text: string): readonly [string, ...string[]]
  /** @param context what the value belongs to: moved elsewhere, it cannot be opened */
  seal(value: string, context: string): string
  /** Throws when it was sealed with none of the keys, or for something else. */
  open(sealed: string, context: string): string
  /** Identify the keys without revealing them. */
  readonly keyIds: readonly string[]
}

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
  readonly naming: KeyObject
  readonly sealing: KeyObject
}

/** @param keys in base64, 32 bytes each; the first one writes */
export function createVault(keys: readonly [string, ...string[]]): Vault {
  const [current, ...older] = keys.map(deriveKeys) as [Key, ...Key[]]
  const all = [current, ...older]

  return {
    namesOf: (text) => [nameOf(text, current), ...older.map((key) => nameOf(text, key))],

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
      const decipher = createDecipheriv(CIPHER, key.sealing, bytes.subarray(0, IV_BYTES))
        .setAAD(Buffer.from(context))
        .setAuthTag(bytes.subarray(-TAG_BYTES))
      return decipher.update(bytes.subarray(IV_BYTES, -TAG_BYTES), undefined, 'utf8') + decipher.final('utf8')
    },

    keyIds: all.map(({ id }) => id),
  }
}

function deriveKeys(text: string): Key {
  const key = Buffer.from(text, 'base64')
  const derive = (purpose: string) => Buffer.from(hkdfSync('sha256', key, '', `callmask ${purpose}`, 32))
  return {
    id: derive('id').toString('hex').slice(0, ID_CHARACTERS),
    naming: createSecretKey(derive('naming')),
    sealing: createSecretKey(derive('sealing')),
  }
}

function nameOf(text: string, { naming }: Key): string {
  return createHmac('sha256', naming).update(text).digest('base64url').slice(0, NAME_CHARACTERS)
}
