import type { FastifyPluginAsync, FastifyReply } from 'fastify'
import { createLocalLimiter } from '../../src/access/limiter.js'
import { ownerOf } from '../../src/access/source.js'
import { hasProvider } from '../../src/config/api.js'
import { createErrands, ERRAND_SECONDS } from '../../src/console/errands.js'
import { createProvider, ProviderError } from '../../src/console/provider.js'
import { nameOf } from '../../src/console/provider-name.js'
import { type RoleRule, readRoles, scopesOf } from '../../src/console/roles.js'
import { cookieFor, cookieName, cookieOf } from '../cookies.js'
import { destination } from '../destination.js'
import { textOf } from '../forms.js'
import { SIGN_IN } from '../hooks/staff.js'
import { comeBackPage, type ProviderTrouble, providerTroublePage } from '../pages/sign-in.js'

/** Where people go from here, and come back to. */
const WAY = `${SIGN_IN}/provider`
const COOKIE = 'callmask-provider'
/** How often somebody may begin, from one source and in all: each beginning is kept for a while. */
const OWN_RATE = { perSecond: 1, burst: 20 }
const RATE_OF_ALL = { perSecond: 20, burst: 500 }

const STATUS: Readonly<Record<ProviderTrouble, number>> = {
  unreachable: 503,
  refused: 403,
  expired: 400,
  noRole: 403,
  tooMany: 429,
}

/** Lets people in whom a provider of identities knows. It is asked nothing before somebody wants to. */
const provider: FastifyPluginAsync<{ fetch: typeof fetch }> = async (app, { fetch }) => {
  const { access, clock, config, log, storages } = app
  if (!hasProvider(config)) return
  const errands = createErrands(storages.storage)
  const ofOne = createLocalLimiter(OWN_RATE, clock.now)
  const ofAll = createLocalLimiter(RATE_OF_ALL, clock.now)
  const rules = readRoles(String(config.OIDC_ROLES)) as readonly RoleRule[]
  const create = () =>
    createProvider({
      issuer: config.OIDC_ISSUER,
      clientId: String(config.OIDC_CLIENT_ID),
      clientSecret: config.OIDC_CLIENT_SECRET,
      roleClaim: config.OIDC_ROLE_CLAIM,
      redirectUri: new URL(`${WAY}/back`, config.CONSOLE_URL).href,
      fetch,
      clock,
    })
  let current = create()
  app.secrets.onChange(() => {
    current = create()
  })

  const open = { config: { door: 'open' }, exposeHeadRoute: false } as const

  app.get('/sign-in/provider', open, async (request, reply) => {
    const to = destination(textOf(request.query, 'to'))
    if (request.staff) return reply.redirect(to, 303)
    const isAllowed = ofOne(ownerOf(access.sourceOf(request))).allowed && ofAll('all').allowed
    if (!isAllowed) return trouble(reply, 'tooMany')
    const begun = await current.begin().catch(failure)
    if (begun instanceof ProviderError) return trouble(reply, begun.why)
    const cookie = await errands.begin({ kept: begun.kept, to })
    return reply
      .setCookie(cookieName(request, COOKIE), cookie, {
        ...cookieFor(request, 'lax'),
        maxAge: ERRAND_SECONDS,
      })
      .redirect(begun.url, 303)
  })

  app.get('/sign-in/provider/back', open, async (request, reply) => {
    const errand = await errands.end(cookieOf(request, COOKIE))
    reply.clearCookie(cookieName(request, COOKIE), cookieFor(request, 'lax'))
    if (!errand) return trouble(reply, 'expired')
    const [, query = ''] = request.url.split('?')
    const claims = await current.end(query, errand.kept).catch(failure)
    if (claims instanceof ProviderError) return trouble(reply, claims.why)
    const name = nameOf(claims)
    const scopes = scopesOf(claims[config.OIDC_ROLE_CLAIM], rules)
    if (scopes.length === 0) {
      access.audit.add('sign_in_refused', { key: name, source: access.sourceOf(request) })
      return trouble(reply, 'noRole')
    }
    await reply.signIn({ by: 'provider', name, scopes })
    // No redirect: the browser would not send the new cookie along on a way that began elsewhere.
    return reply.page(comeBackPage(errand.to, request.texts))
  })

  function failure(error: ProviderError): ProviderError {
    log.warn(
      { why: error.why, code: error.code },
      'somebody could not sign in with the provider of identities',
    )
    return error
  }

  function trouble(reply: FastifyReply, what: ProviderTrouble): FastifyReply {
    return reply.page(providerTroublePage(what, reply.request.texts), STATUS[what])
  }
}

export default provider
