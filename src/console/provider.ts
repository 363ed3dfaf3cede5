import type { ClientAuth, Configuration } from 'openid-client'
import type { Clock } from '../clock.js'
import type { Claims } from './provider-name.js'

/** Lets people show who they are to a provider of identities (OpenID Connect), which tells us. */
export interface Provider {
  /** Where to send somebody, and what must be known when they come back. Rejects with a `ProviderError`. */
  begin(): Promise<Begun>
  /**
   * What the provider says of whoever comes back.  Rejects with a `ProviderError`.
   *
   * @param query what it sent along
   */
  end(query: string, kept: Kept): Promise<Claims>
}

export interface Begun {
  readonly url: string
  readonly kept: Kept
}

/** The secrets of one sign-in, which tie together its beginning and its end. */
export interface Kept {
  readonly state: string
  readonly nonce: string
  readonly verifier: string
}

export interface ProviderOptions {
  readonly issuer: string
  readonly clientId: string
  readonly clientSecret: string | undefined
  /** The claim that says which roles somebody has. */
  readonly roleClaim: string
  /** Where the provider sends people back to. */
  readonly redirectUri: string
  readonly fetch: typeof fetch
  readonly clock: Pick<Clock, 'now' | 'after'>
}

/** Milliseconds that one request to the provider may take. */
export const PROVIDER_LIMIT_MS = 5_000

/** What these say of somebody: who they are, and how they are called. */
const SCOPES = ['openid', 'profile', 'email'] as const

/** Why nobody can sign in so. `unreachable`: the provider does not answer as it should. `refused`: it, or we, did not let somebody in. */
export class ProviderError extends Error {
  override readonly name = 'ProviderError'

  constructor(
    readonly why: 'unreachable' | 'refused',
    /** A code such as `access_denied`; a text of the provider's own could hold anything. */
    readonly code: string,
  ) {
    super(`the provider of identities: ${why}`)
  }
}

/** Asks the provider nothing before it is used. What it says of itself is asked for once, and again after a failure. */
export function createProvider(options: ProviderOptions): Provider {
  const { issuer, clientId, clientSecret, roleClaim, redirectUri, fetch, clock } = options
  let found: Promise<Known> | undefined

  return {
    async begin() {
      const { openid, configuration } = await known()
      const { scopes_supported: scopes = [] } = configuration.serverMetadata()
      const kept = {
        state: openid.randomState(),
        nonce: openid.randomNonce(),
        verifier: openid.randomPKCECodeVerifier(),
      }
      const challenge = await openid.calculatePKCECodeChallenge(kept.verifier)
      const url = openid.buildAuthorizationUrl(configuration, {
        redirect_uri: redirectUri,
        // Some tell of groups only where they are asked for them, and others refuse a scope that they do not know.
        scope: [...SCOPES, ...scopes.filter((scope) => scope === roleClaim)].join(' '),
        state: kept.state,
        nonce: kept.nonce,
        code_challenge: challenge,
        code_challenge_method: 'S256',
      })
      return { url: url.href, kept }
    },

    async end(query, { state, nonce, verifier }) {
      const { openid, configuration } = await known()
      try {
        const url = new URL(redirectUri)
        url.search = query
        const checks = { expectedState: state, expectedNonce: nonce, pkceCodeVerifier: verifier }
        const tokens = await openid.authorizationCodeGrant(configuration, url, checks)
        const claims = tokens.claims() as IdToken
        const { userinfo_endpoint: more } = configuration.serverMetadata()
        if (roleClaim in claims || more === undefined) return claims
        return { ...(await openid.fetchUserInfo(configuration, tokens.access_token, claims.sub)), ...claims }
      } catch (error) {
        throw providerError(error, isOutage(error) ? 'unreachable' : 'refused')
      }
    },
  }

  function known(): Promise<Known> {
    found ??= discover().catch((error) => {
      found = undefined
      throw providerError(error, 'unreachable')
    })
    return found
  }

  async function discover(): Promise<Known> {
    // Loaded here, because most never sign in so.
    const openid = await import('openid-client')
    const metadata = { [openid.clockSkew]: Math.round((clock.now() - Date.now()) / 1_000) }
    // The signature is checked although the token comes from the provider itself: that costs a request now and then.
    const execute = [openid.enableNonRepudiationChecks]
    const configuration = await openid.discovery(new URL(issuer), clientId, metadata, authOf(openid), {
      [openid.customFetch]: (url, request) => limited(url, request as RequestInit),
      // The settings allow http for a loopback host alone.
      execute: issuer.startsWith('http:') ? [openid.allowInsecureRequests, ...execute] : execute,
    })
    // Whoever has none of these cannot be used: better said here than while somebody signs in.
    const { authorization_endpoint: door, token_endpoint: till } = configuration.serverMetadata()
    if (!door || !till) throw new TypeError('the provider says nothing of where to sign in')
    return { openid, configuration }
  }

  /** As the standard has it, unless the provider takes a secret only in another way. */
  function authOf(openid: OpenId): ClientAuth {
    if (clientSecret === undefined) return openid.None()
    const [basic, post] = [openid.ClientSecretBasic(clientSecret), openid.ClientSecretPost(clientSecret)]
    return (server, client, body, headers) => {
      const { token_endpoint_auth_methods_supported: taken = [BASIC] } = server
      const auth = taken.includes(BASIC) ? basic : post
      return auth(server, client, body, headers)
    }
  }

  /** The limit holds until all of the reply is there. */
  function limited(url: string, request: RequestInit): Promise<Response> {
    const limit = new AbortController()
    clock.after(PROVIDER_LIMIT_MS, () => limit.abort())
    return fetch(url, { ...request, signal: limit.signal })
  }
}

const BASIC = 'client_secret_basic'

type OpenId = typeof import('openid-client')
type IdToken = Claims & { readonly sub: string }

/** What the provider says of itself. */
interface Known {
  readonly openid: OpenId
  readonly configuration: Configuration
}

/** What may be told of an error: those of the library quote replies. */
function providerError(error: unknown, why: ProviderError['why']): ProviderError {
  const { error: said, code, cause, name } = error as LibraryError
  const word = [said, cause?.code, code, name].find((text) => typeof text === 'string' && CODE.test(text))
  return new ProviderError(why, word as string)
}

/** Whether there was no reply, or one that nobody meant to send. */
function isOutage(error: unknown): boolean {
  const { code } = error as LibraryError
  return error instanceof TypeError || OUTAGES.some((outage) => outage === code)
}

interface LibraryError {
  readonly error?: unknown
  readonly code?: unknown
  readonly cause?: { readonly code?: unknown }
  readonly name: string
}

const CODE = /^[A-Za-z_]{1,60}$/
const OUTAGES = [
  'OAUTH_ABORT',
  'OAUTH_PARSE_ERROR',
  'OAUTH_RESPONSE_IS_NOT_CONFORM',
  'OAUTH_RESPONSE_IS_NOT_JSON',
]
