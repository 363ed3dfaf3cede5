import { randomBytes } from 'node:crypto'

const PREFIX = 's_'
const RANDOM_BYTES = 16

/** An id that cannot be guessed: 128 random bits. */
export function newSessionId(): string {
  return PREFIX + randomBytes(RANDOM_BYTES).toString('base64url')
}

/** A number that is spread evenly over sessions, always the same for one. */
export function spreadOf(sessionId: string): number {
  return Buffer.from(sessionId.slice(PREFIX.length), 'base64url').readUInt32BE()
}
