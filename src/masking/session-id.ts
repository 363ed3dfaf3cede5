import { randomFillSync } from 'node:crypto'

const PREFIX = 's_'
/** 24 characters of base64: the prefix, and 132 random bits. */
const BYTES = 18
/** Ids whose bits are drawn at once: drawn one by one they are 4 % of a `POST /v1/sessions`. */
const DRAWN_AT_ONCE = 256

/** Makes ids that cannot be guessed. */
export function createSessionIds(): () => string {
  const drawn = Buffer.alloc(BYTES * DRAWN_AT_ONCE)
  let used = drawn.length
  return () => {
    if (used === drawn.length) {
      randomFillSync(drawn)
      used = 0
    }
    const bytes = drawn.subarray(used, used + BYTES)
    used += BYTES
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
