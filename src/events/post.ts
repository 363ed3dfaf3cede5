import { request } from 'node:https'
import type { LookupFunction } from 'node:net'
import { RequestFilteringHttpsAgent } from 'request-filtering-agent'
import type { Clock } from '../clock.js'
import { VERSION } from '../package-file.js'
import type { PostFailure } from './post-failures.js'

/** Sends a body to a URL. It never rejects. */
export type Post = (url: string, headers: Readonly<Record<string, string>>, body: string) => Promise<Posted>

/** What came back: a status, or why there is none. */
export type Posted = { readonly status: number } | { readonly why: PostFailure }

export interface PostOptions {
  /** Ranges of our own network that may be reached. */
  readonly allowedNetworks: readonly string[]
  readonly after: Clock['after']
  /** Certificates that are trusted in place of the machine's, and how names are looked up, for tests. */
  readonly ca?: string | undefined
  readonly lookup?: LookupFunction | undefined
}

/** Milliseconds that an endpoint may take for all. */
export const POST_LIMIT_MS = 10_000
/** Bytes of a reply that are read. What they say is not looked at. */
export const MAX_REPLY_BYTES = 16 * 1024

/**
 * Nobody who can name a URL gets a way into our own network: each attempt looks the name up anew, and connects only to what is public
 * or was allowed. A redirect is not followed.
 */
export function createPost({ allowedNetworks, after, ca, lookup }: PostOptions): Post {
  const agent = new RequestFilteringHttpsAgent({
    allowIPAddressList: [...allowedNetworks],
    keepAlive: false,
    ...(ca !== undefined && { ca }),
  })

  return (url, headers, body) =>
    new Promise((resolve) => {
      const sent = {
        'content-type': 'application/json',
        'content-length': String(Buffer.byteLength(body)),
        'user-agent': `callmask/${VERSION}`,
        ...headers,
      }
      const asked = request(url, { method: 'POST', agent, headers: sent, ...(lookup && { lookup }) })
      const callOff = after(POST_LIMIT_MS, () => end({ why: 'timeout' }))
      asked.on('response', (reply) => {
        let bytes = 0
        reply.on('data', (chunk: Buffer) => {
          bytes += chunk.length
          if (bytes > MAX_REPLY_BYTES) reply.destroy()
        })
        // It is over when the reply is, or the connection: the status is all that counts, whatever follows it.
        reply.on('close', callOff)
        reply.on('error', () => undefined)
        resolve({ status: Number(reply.statusCode) })
      })
      asked.on('error', (error) => end({ why: failureOf(error) }))
      asked.end(body)

      function end(posted: Posted): void {
        callOff()
        asked.destroy()
        resolve(posted)
      }
    })
}

/** What the filter says has no code, and holds the address: it is not to be logged. */
function failureOf(error: NodeJS.ErrnoException): PostFailure {
  const { code = '', message } = error
  if (message.includes('is not allowed. Because')) return 'forbidden_address'
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'dns'
  if (/CERT|SIGNED|TLS|SSL|EPROTO/.test(code)) return 'tls'
  return 'connection'
}
