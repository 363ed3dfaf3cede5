import type { Clock } from '../clock.js'
import type { VobizAccess } from './client.js'

/** A file of the platform, as far as it came. */
export interface Media {
  /** 200: the whole; 206: the part that was asked for; 416: there is no such part. */
  readonly status: 200 | 206 | 416
  readonly headers: Headers
  /** Fails with a `MediaError` when nothing comes any more. Whoever stops reading ends the connection. */
  readonly body: AsyncIterable<Uint8Array>
}

export interface MediaRequest {
  /** The header `Range`. */
  readonly range: string | undefined
  /** Ends it from outside. */
  readonly signal: AbortSignal
}

/** Fetches a file with the credentials of the account. Undefined where it is not there. Rejects with a `MediaError`. */
export type FetchMedia = (url: string, request: MediaRequest) => Promise<Media | undefined>

/** Why a file of the platform cannot be had. It quotes nothing of its URL. */
export class MediaError extends Error {
  override readonly name = 'MediaError'

  constructor(readonly reason: MediaFailure) {
    super(FAILURES[reason])
  }
}

const FAILURES = {
  'foreign-host': 'the file is not on a host of the platform, which alone gets the credentials',
  'too-many-redirects': 'the platform sends from one address to the next',
  'no-answer': 'the platform does not send the file',
  refused: 'the platform refuses the file',
} as const
export type MediaFailure = keyof typeof FAILURES

/** Milliseconds until the beginning of a file has to come, and within which more of it has to come. */
export const MEDIA_PATIENCE_MS = 10_000
/** How often the platform may send to another address. */
export const MAX_REDIRECTS = 3
/** Where the platform keeps files, besides the host of its API. */
const PLATFORM = /(^|\.)vobiz\.ai$/

export interface MediaOptions {
  readonly access: Pick<VobizAccess, 'base' | 'authId' | 'authToken'>
  readonly fetch: typeof fetch
  readonly after: Clock['after']
}

export function createMediaFetcher({ access, fetch, after }: MediaOptions): FetchMedia {
  const { base, authId, authToken } = access
  const api = new URL(base)

  return (url, request) => follow(url, request, 0)

  async function follow(url: string, request: MediaRequest, redirects: number): Promise<Media | undefined> {
    if (!isOfPlatform(url)) throw new MediaError('foreign-host')
    const { reply, stop } = await open(url, request)
    const { status, headers } = reply
    if (status === 200 || status === 206) return { status, headers, body: piecesOf(reply, request, stop) }
    stop()
    if (status === 416) return { status, headers, body: nothing() }
    if (status === 404 || status === 410) return undefined
    const location = headers.get('location')
    if (status < 300 || status >= 400 || location === null) throw new MediaError('refused')
    if (redirects === MAX_REDIRECTS) throw new MediaError('too-many-redirects')
    const next = URL.canParse(location, url) ? new URL(location, url).href : ''
    return follow(next, request, redirects + 1)
  }

  /** The credentials go nowhere else. */
  function isOfPlatform(text: string): boolean {
    if (!URL.canParse(text)) return false
    const url = new URL(text)
    if (url.username !== '' || url.password !== '') return false
    if (url.origin === api.origin) return true
    return url.protocol === 'https:' && (url.hostname === api.hostname || PLATFORM.test(url.hostname))
  }

  async function open(
    url: string,
    { range, signal }: MediaRequest,
  ): Promise<{ readonly reply: Response; readonly stop: () => void }> {
    const controller = new AbortController()
    const stop = () => controller.abort()
    const callOff = after(MEDIA_PATIENCE_MS, stop)
    try {
      const reply = await fetch(url, {
        headers: {
          'x-auth-id': authId,
          'x-auth-token': authToken,
          // Places in the file are counted in its own bytes.
          'accept-encoding': 'identity',
          ...(range !== undefined && { range }),
        },
        redirect: 'manual',
        signal: AbortSignal.any([signal, controller.signal]),
      })
      return { reply, stop }
    } catch {
      throw new MediaError('no-answer')
    } finally {
      callOff()
    }
  }

  async function* piecesOf(
    { body }: Response,
    { signal }: MediaRequest,
    stop: () => void,
  ): AsyncGenerator<Uint8Array> {
    const reader = body?.getReader()
    let isStalled = false
    const giveUp = () => {
      isStalled = true
      void reader?.cancel().catch(() => undefined)
    }
    signal.addEventListener('abort', giveUp)
    try {
      while (reader) {
        const callOff = after(MEDIA_PATIENCE_MS, giveUp)
        const { done, value } = await reader.read().finally(callOff)
        if (done) break
        yield value
      }
    } catch {
      isStalled = true
    } finally {
      signal.removeEventListener('abort', giveUp)
      stop()
    }
    if (isStalled) throw new MediaError('no-answer')
  }
}

async function* nothing(): AsyncGenerator<Uint8Array> {}
