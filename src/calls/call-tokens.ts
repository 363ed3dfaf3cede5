import {
  createCipheriv,
  createDecipheriv,
  createSecretKey,
  hkdfSync,
  type KeyObject,
  randomBytes,
} from 'node:crypto'
import type { Side } from '../masking/session.js'
import { createRandomPieces } from '../random-pieces.js'

/** What a token may be used for. */
export const PURPOSES = ['dial', 'whisper', 'record', 'pin'] as const
export type Purpose = (typeof PURPOSES)[number]

/**
 * The paths that the carrier is given below that of the first question, and what the token of each is for. What is told of one verb
 * shares a token: to seal one is 6 % of a call.
 */
export const CALL_PATHS = {
  dialled: 'dial',
  leg: 'dial',
  whisper: 'whisper',
  recording: 'record',
  recorded: 'record',
  pin: 'pin',
} as const satisfies Readonly<Record<string, Purpose>>
export type CallPath = keyof typeof CALL_PATHS

/** The call that a URL belongs to. */
export interface TokenCall {
  /** The carrier's id of the call. It does not stand in the token: whoever uses that has to name the call. */
  readonly callId: string
  /** When the call was answered, in milliseconds since 1970. */
  readonly at: number
  /** Absent for the static pair, and for a caller who is not known. */
  readonly sessionId?: string | undefined
  readonly side?: Side | undefined
  /** How often something was asked before. */
  readonly attempt?: number | undefined
}

/**
 * Short texts for the paths of URLs that the carrier is given, because its signature covers the path and nothing else. Each is
 * sealed, and bound to a call, a purpose and an end.
 */
export interface CallTokens {
  mint(purpose: Purpose, call: TokenCall): string
  /** The call of a token; undefined when it is of another call, for something else, too old, or none of ours. */
  open(purpose: Purpose, token: string, callId: string): TokenCall | undefined
}

/** Milliseconds after which a token is worth nothing: the platform ends each call within a day, and tells of it soon after. */
export const TOKEN_LIFE_MS = 26 * 60 * 60 * 1_000
/** Milliseconds that a caller may take to enter a PIN. */
export const PIN_TOKEN_LIFE_MS = 5 * 60 * 1_000

const CIPHER = 'aes-256-gcm'
const IV_BYTES = 12
const TAG_BYTES = 16
const AT_BYTES = 6
/** Behind the time: a byte with the side, if any, and the attempt. */
const HEAD_BYTES = AT_BYTES + 1
const SIDE_BITS = 2
const NO_SIDE = 3
/** Characters: a session id has 24. */
const MAX_TOKEN = 120

export interface CallTokensOptions {
  /** The first one mints, all open. Without any, tokens are worth nothing to another instance. */
  readonly secrets: readonly string[]
  /** Milliseconds since 1970. */
  readonly now: () => number
}

export function createCallTokens({ secrets, now }: CallTokensOptions): CallTokens {
  const keys = (secrets.length > 0 ? secrets : [randomBytes(32).toString('base64')]).map(keyOf)
  const newVector = createRandomPieces(IV_BYTES)

  return {
    mint(purpose, { callId, at, sessionId = '', side = NO_SIDE, attempt = 0 }) {
      const head = Buffer.alloc(HEAD_BYTES)
      head.writeUIntBE(at, 0, AT_BYTES)
      head.writeUInt8((attempt << SIDE_BITS) | side, AT_BYTES)
      const iv = newVector()
      const cipher = createCipheriv(CIPHER, keys[0] as KeyObject, iv).setAAD(bindingOf(purpose, callId))
      const sealed = [iv, cipher.update(head), cipher.update(sessionId), cipher.final(), cipher.getAuthTag()]
      return Buffer.concat(sealed).toString('base64url')
    },

    open(purpose, token, callId) {
      if (token.length > MAX_TOKEN) return undefined
      const bytes = Buffer.from(token, 'base64url')
      // Another spelling of the same bytes is another path, and nothing that we gave out.
      if (bytes.length < IV_BYTES + HEAD_BYTES + TAG_BYTES || bytes.toString('base64url') !== token)
        return undefined
      for (const key of keys) {
        const content = openWith(key, bytes, bindingOf(purpose, callId))
        if (content) return callIn(content, callId, purpose)
      }
      return undefined
    },
  }

  function callIn(content: Buffer, callId: string, purpose: Purpose): TokenCall | undefined {
    const at = content.readUIntBE(0, AT_BYTES)
    if (now() >= at + (purpose === 'pin' ? PIN_TOKEN_LIFE_MS : TOKEN_LIFE_MS)) return undefined
    const more = content.readUInt8(AT_BYTES)
    const [side, sessionId] = [more & NO_SIDE, content.toString('utf8', HEAD_BYTES)]
    return {
      callId,
      at,
      attempt: more >> SIDE_BITS,
      ...(side !== NO_SIDE && { side: side as Side }),
      ...(sessionId !== '' && { sessionId }),
    }
  }
}

function keyOf(secret: string): KeyObject {
  return createSecretKey(Buffer.from(hkdfSync('sha256', secret, '', 'callmask tokens of calls', 32)))
}

function bindingOf(purpose: Purpose, callId: string): Buffer {
  return Buffer.from(`${purpose} ${callId}`)
}

function openWith(key: KeyObject, bytes: Buffer, binding: Buffer): Buffer | undefined {
  try {
    const decipher = createDecipheriv(CIPHER, key, bytes.subarray(0, IV_BYTES), { authTagLength: TAG_BYTES })
      .setAAD(binding)
      .setAuthTag(bytes.subarray(-TAG_BYTES))
    return Buffer.concat([decipher.update(bytes.subarray(IV_BYTES, -TAG_BYTES)), decipher.final()])
  } catch {
    return undefined
  }
}
