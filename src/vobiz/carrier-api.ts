import type { Clock } from '../clock.js'
import { type VobizAccount, vobizAccount } from './account.js'
import { VobizApiError } from './api-error.js'
import { type CallsApi, callsApi } from './calls-api.js'
import { createVobizClient, type Patience, type VobizClient } from './client.js'
import { createMediaFetcher, type FetchMedia, MediaError } from './media.js'

/** What a running instance asks of the API of the platform. */
export interface CarrierApi {
  /** For somebody who waits for a reply. */
  readonly now: CallsApi
  /** For what is done in the background, and tried again there. */
  readonly later: CallsApi
  readonly fetchMedia: FetchMedia
  /** For somebody who waits for a reply. */
  readonly account: Pick<VobizAccount, 'listApplications' | 'listNumbers'>
}

export interface CarrierApiOptions {
  readonly base: string
  readonly authId: string
  /** The first one is used. While it is changed at the platform, the second one may still be the right one. */
  readonly tokens: readonly string[]
  /** What no error may show. */
  readonly secrets: readonly string[]
  readonly fetch: typeof fetch
  readonly after: Clock['after']
}

/** Somebody waits: two attempts, 12 seconds at most. */
export const FOR_REPLIES: Patience = { attempts: 2, attemptMs: 5_000, waitMs: 2_000 }
/** What fails is tried again later anyway. */
export const FOR_BACKGROUND: Patience = { attempts: 1, attemptMs: 10_000, waitMs: 0 }

export function createCarrierApi(options: CarrierApiOptions): CarrierApi {
  const { base, authId, tokens, secrets, fetch, after } = options
  const sleep = (ms: number) => new Promise<void>((resolve) => void after(ms, resolve))

  return {
    now: callsApi(clientWith(FOR_REPLIES), authId),
    later: callsApi(clientWith(FOR_BACKGROUND), authId),
    account: vobizAccount(clientWith(FOR_REPLIES), authId),
    fetchMedia: withEachToken((authToken) =>
      createMediaFetcher({ access: { base, authId, authToken }, fetch, after }),
    ),
  }

  function clientWith(patience: Patience): VobizClient {
    return withEachToken((authToken) =>
      createVobizClient({ base, authId, authToken, secrets }, { fetch, sleep }, patience),
    )
  }

  /** Asks with the first token, and with the next one where that is refused. */
  function withEachToken<Arguments extends unknown[], Result>(
    create: (token: string) => (...asked: Arguments) => Promise<Result>,
  ): (...asked: Arguments) => Promise<Result> {
    const [first, ...others] = tokens.map(create) as [
      ReturnType<typeof create>,
      ...ReturnType<typeof create>[],
    ]
    return (...asked) =>
      others.reduce(
        (tried, next) => tried.catch((error) => (isRefused(error) ? next(...asked) : Promise.reject(error))),
        first(...asked),
      )
  }
}

function isRefused(error: unknown): boolean {
  if (error instanceof MediaError) return error.reason === 'refused'
  return error instanceof VobizApiError && error.status === 401
}
