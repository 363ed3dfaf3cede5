import { createRandomPieces } from '../random-pieces.js'

const PREFIX = 's_'
/** 24 characters of base64: the prefix, and 132 random bits. */
const BYTES = 18

/** Makes ids that cannot be guessed. */
export function createSessionIds(): () => string {
  const newBytes = createRandomPieces(BYTES)
  return () => {
    const bytes = newBytes()
    // These twelve bits are `s_`. Put in front as a text, it would stay beside the rest, and cost memory a million times.
    bytes.writeUInt8(0xb3, 0)
    bytes.writeUInt8(0xf0 | (bytes.readUInt8(1) & 0x0f), 1)
    return bytes.toString('base64url')
  }
}

/** A number that is spread evenly over sessions, always the same for one. */
export function spreadOf(sessionId: string): number {
  return Buffer.from(sessionId.slice(PREFIX.length), 'base64url').readUInt32BE()
}
