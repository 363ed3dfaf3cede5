import { createHmac } from 'node:crypto'

export interface Signed {
  /** Of the event. */
  readonly id: string
  /** When it is sent, in milliseconds since 1970. */
  readonly at: number
  readonly body: string
  /** `whsec_` and base64. */
  readonly secrets: readonly string[]
}

const PREFIX = 'whsec_'

/** The headers of Standard Webhooks, with a signature by each secret. */
export function signedHeaders({ id, at, body, secrets }: Signed): Readonly<Record<string, string>> {
  const timestamp = String(Math.floor(at / 1_000))
  const text = `${id}.${timestamp}.${body}`
  return {
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': secrets.map((secret) => `v1,${signature(secret, text)}`).join(' '),
  }
}

function signature(secret: string, text: string): string {
  const key = Buffer.from(secret.slice(PREFIX.length), 'base64')
  return createHmac('sha256', key).update(text).digest('base64')
}
