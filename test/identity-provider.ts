import { generateKeyPairSync, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import Provider from 'oidc-provider'
import type { Test } from 'tap'

/** A real provider of identities on this machine, at which whoever comes is signed in at once. */
export interface IdentityProvider {
  readonly issuer: string
  /** Who sits before it: what it says of them, or the error with which they turn around. */
  who: { readonly claims: Readonly<Record<string, unknown>> } | { readonly error: string }
  /** Answers in its place, while it is set; `no` leaves it to the provider. */
  answer: ((request: IncomingMessage, reply: ServerResponse) => unknown) | undefined
  /** The paths that were asked for, without their queries. */
  readonly asked: string[]
  /** Goes through its pages as a browser does. Returns where it sends back to. */
  visit(url: string): Promise<URL>
}

export interface ProviderForm {
  readonly redirectUri: string
  /** What else the client is registered with. */
  readonly client?: Readonly<Record<string, unknown>>
  /** What else it is set up with. */
  readonly more?: Readonly<Record<string, unknown>>
}

export const CLIENT = { id: 'callmask-console', secret: 'a-secret-of-the-tests-for-the-provider' } as const
const ACCOUNT = 'account-of-the-tests'
const SCOPE = 'openid profile email groups'

export async function startIdentityProvider(
  t: Test,
  { redirectUri, client, more }: ProviderForm,
): Promise<IdentityProvider> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close().closeAllConnections())
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const provider = new Provider(issuer, {
    adapter: memoryAdapter(),
    clients: [
      {
        client_id: CLIENT.id,
        client_secret: CLIENT.secret,
        redirect_uris: [redirectUri],
        response_types: ['code'],
        grant_types: ['authorization_code'],
        ...client,
      },
    ],
    cookies: { keys: [randomUUID()] },
    jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), use: 'sig', alg: 'RS256', kid: 'k1' }] },
    claims: {
      openid: ['sub'],
      email: ['email', 'email_verified'],
      profile: ['preferred_username'],
      groups: ['groups'],
    },
    features: { devInteractions: { enabled: false } },
    pkce: { required: () => true },
    ttl: { AccessToken: 60, AuthorizationCode: 60, Grant: 60, IdToken: 60, Interaction: 60, Session: 60 },
    interactions: { url: (_context: unknown, { uid }: { uid: string }) => `/login/${uid}` },
    findAccount: () => ({
      accountId: ACCOUNT,
      claims: () => ({ sub: ACCOUNT, ...('claims' in stand.who ? stand.who.claims : {}) }),
    }),
    async loadExistingGrant() {
      const grant = new provider.Grant({ clientId: CLIENT.id, accountId: ACCOUNT })
      grant.addOIDCScope(SCOPE)
      await grant.save()
      return grant
    },
    ...more,
  })
  const callback = provider.callback()
  const stand: IdentityProvider = {
    issuer,
    who: { claims: {} },
    answer: undefined,
    asked: [],
    visit,
  }
  server.on('request', (request, reply) => {
    const [path = ''] = String(request.url).split('?')
    stand.asked.push(path)
    if (stand.answer && stand.answer(request, reply) !== 'no') return
    if (!path.startsWith('/login/')) return callback(request, reply)
    const result = 'error' in stand.who ? stand.who : { login: { accountId: ACCOUNT } }
    void provider.interactionFinished(request, reply, result)
  })
  return stand

  async function visit(url: string): Promise<URL> {
    const cookies = new Map<string, string>()
    let at = new URL(url)
    while (at.origin === issuer) {
      const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
      const reply = await fetch(at, { redirect: 'manual', headers: { cookie } })
      await reply.arrayBuffer()
      for (const text of reply.headers.getSetCookie()) {
        const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(text) ?? []
        cookies.set(name, value)
      }
      const location = reply.headers.get('location')
      if (!location) throw new Error(`the provider answers ${reply.status} and leads nowhere`)
      at = new URL(location, at)
    }
    return at
  }
}

/** Where it keeps things: in memory, until the test ends. */
function memoryAdapter() {
  const all = new Map<string, Record<string, unknown>>()
  return class {
    constructor(readonly kind: string) {}
    async upsert(id: string, value: Record<string, unknown>) {
      all.set(`${this.kind}:${id}`, value)
    }
    async find(id: string) {
      return all.get(`${this.kind}:${id}`)
    }
    async findByUid(uid: string) {
      return [...all.values()].find((value) => value.uid === uid)
    }
    async findByUserCode() {
      return undefined
    }
    async destroy(id: string) {
      all.delete(`${this.kind}:${id}`)
    }
    async consume(id: string) {
      const value = all.get(`${this.kind}:${id}`)
      if (value) value.consumed = Math.floor(Date.now() / 1_000)
    }
    async revokeByGrantId(grantId: string) {
      for (const [key, value] of all) if (value.grantId === grantId) all.delete(key)
    }
  }
}
