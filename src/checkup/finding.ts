import { withoutSecrets } from '../vobiz/api-error.js'

/** One link of the chain from the phone to the reply. */
export interface Finding {
  readonly check: string
  readonly ok: boolean
  /** What was seen. */
  readonly seen: string
  /** What to do, when it is not well. */
  readonly remedy?: string
}

/** What went wrong; for a connection its code, such as `CERT_HAS_EXPIRED`, which the message hides. */
export function messageOf(error: unknown): string {
  const { message, cause } = error as { message: string; cause?: { code?: string } }
  return cause?.code ?? message
}

/** The same for a request that failed: a number in it is not told. */
export function failureOf(error: unknown): string {
  return withoutSecrets(messageOf(error), [])
}
