import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  hkdfSync,
  type KeyObject,
} from 'node:crypto'
import { createRandomPieces } from '../random-pieces.js'

/** Keeps real numbers unreadable at rest. The first key writes, all keys read. */
export interface Vault {
  /** Marks by which a text can be known again, one by each key, the one to write first. Nobody without the keys can tell it. */
  marksOf(text: string): readonly [string, ...string[]]
  /** @param context what the value belongs to: moved elsewhere, it cannot be opened */
  seal(value: string, context: string): string
  /** Throws when it was sealed with none of the keys, or for something else. */
  open(sealed: string, context: string): string
  /** Identify the keys without revealing them, the one that writes first. */
  readonly keyIds: readonly [string, ...string[]]
  /** With which a new store names what nobody may read in it. It always is the same for the same key that writes. */
  readonly namingSecret: Buffer
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
/** Characters of a mark: 128 bits. */
const MARK_CHARACTERS = 22
const ID_CHARACTERS = 8

interface Key {
  readonly id: string
  readonly marking: KeyObject
  readonly sealing: KeyObject
  readonly naming: Buffer
}

/** @param keys in base64, 32 bytes each; the first one writes */
export function createVault(keys: readonly [string, ...string[]]): Vault {
  const [current, ...older] = keys.map(deriveKeys) as [Key, ...Key[]]
  const all = [current, ...older]
  const newVector = createRandomPieces(IV_BYTES)

  return {
    marksOf: (text) => [markOf(text, current.marking), ...older.map(({ marking }) => markOf(text, marking))],

    seal(value, context) {
      const iv = newVector()
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

    keyIds: [current.id, ...older.map(({ id }) => id)],

    namingSecret: current.naming,
  }
}

/** What is sealed or named otherwise than now has another number, so that neither is taken for the other. */
const FORMAT = 3

function deriveKeys(text: string): Key {
  const key = Buffer.from(text, 'base64')
  const derive = (use: string) => Buffer.from(hkdfSync('sha256', key, '', `callmask ${FORMAT} ${use}`, 32))
  return {
    id: derive('id').toString('hex').slice(0, ID_CHARACTERS),
    marking: createSecretKey(derive('marking')),
    sealing: createSecretKey(derive('sealing')),
    naming: derive('naming'),
  }
}

function markOf(text: string, key: KeyObject): string {
  return createHmac('sha256', key).update(text).digest('base64url').slice(0, MARK_CHARACTERS)
}
