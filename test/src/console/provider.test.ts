import { test } from 'tap'
import { createProvider, ProviderError } from '../../../src/console/provider.js'
import { testClock } from '../../clocks.js'

const ISSUER = 'https://id.shop.example'
const REDIRECT = 'https://desk.example/console/sign-in/provider/back'

test('a provider over TLS is asked for nothing without it', async (t) => {
  const asked: string[] = []
  const provider = createProvider({
    issuer: ISSUER,
    clientId: 'callmask',
    clientSecret: undefined,
    roleClaim: 'groups',
    redirectUri: REDIRECT,
    clock: testClock(Date.now()),
    async fetch(url) {
      asked.push(String(url))
      return Response.json({
        issuer: ISSUER,
        authorization_endpoint: `${ISSUER}/authorize`,
        token_endpoint: 'http://id.shop.example/token',
        jwks_uri: `${ISSUER}/keys`,
      })
    },
  })
  const [{ url, kept }, other] = await Promise.all([provider.begin(), provider.begin()])
  t.ok(url.startsWith(`${ISSUER}/authorize?`))
  t.match(new URL(url).searchParams.get('redirect_uri'), REDIRECT)
  for (const name of ['state', 'nonce', 'verifier'] as const) t.not(kept[name], other.kept[name], name)
  t.notMatch(url, kept.verifier)

  const error = await provider.end(`code=x&state=${kept.state}`, kept).catch((error) => error)
  t.type(error, ProviderError)
  t.match(error, { why: 'refused', code: 'OAUTH_HTTP_REQUEST_FORBIDDEN' })
  t.same(asked, [`${ISSUER}/.well-known/openid-configuration`], 'once, and nothing over http')
})
