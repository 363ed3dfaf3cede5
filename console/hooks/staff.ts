import { timingSafeEqual } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import type { Asker } from '../../src/access/api-key.js'
import { allows, type NeededScope } from '../../src/access/scopes.js'
import { hasProvider } from '../../src/config/api.js'
import { createSignIns, type SignIn, type SignIns, type Who } from '../../src/console/sign-ins.js'
import { type Api, createApi } from '../api.js'
import { cookieFor, cookieName, cookieOf } from '../cookies.js'
import { destination } from '../destination.js'
import { textOf } from '../forms.js'
import { expiredFormPage } from '../pages/problems.js'
import { comeBackPage } from '../pages/sign-in.js'
import { withQuery } from '../urls.js'

declare module 'fastify' {
  interface FastifyInstance {
    readonly signIns: SignIns
  }
  interface FastifyRequest {
    /** Who has signed in; there on all routes but those that are open. */
    staff: Staff
  }
  interface FastifyReply {
    /** Gives the browser the cookie of somebody who has shown who they are. */
    signIn(who: Who): Promise<void>
    signOut(): Promise<void>
  }
  interface FastifyContextConfig {
    /** `open`: for those too who have not signed in. */
    door?: 'open'
  }
}

/** Whoever has signed in to the console. */
export interface Staff {
  readonly name: string
  readonly formToken: string
  readonly api: Api
  can(scope: NeededScope): boolean
  /** Whether they are still signed in; asking is no use of it. Rejects with a `StoreUnavailableError` when the store fails. */
  holds(): Promise<boolean>
}

export const CONSOLE = '/console'
export const SIGN_IN = `${CONSOLE}/sign-in`
/** The field of every form that shows that it is ours. */
export const FORM_TOKEN = '_token'

const COOKIE = 'callmask'

/** Lets those in who have signed in, and takes a change from nothing but a form of ours. */
export default fp(
  async (app) => {
    const { config, storages } = app
    app.decorate(
      'signIns',
      createSignIns({
        storage: storages.storage,
        idleMs: config.CONSOLE_IDLE * 1_000,
        longestMs: config.CONSOLE_LIMIT * 1_000,
      }),
    )
    app.decorateRequest('staff')

    app.decorateReply('signIn', async function (who) {
      const { request } = this
      await app.signIns.end(cookieOf(request, COOKIE))
      const cookie = await app.signIns.begin(who)
      this.setCookie(cookieName(request, COOKIE), cookie, cookieFor(request, 'strict'))
      app.access.audit.add('signed_in', { key: who.name, source: app.access.sourceOf(request) })
    })
    app.decorateReply('signOut', async function () {
      const { request } = this
      await app.signIns.end(cookieOf(request, COOKIE))
      this.clearCookie(cookieName(request, COOKIE), cookieFor(request, 'strict'))
    })

    app.addHook('onRequest', async (request, reply) => {
      // What a page asks for by itself is no use of it: an open page would never end for want of use.
      const isByItself = request.method === 'GET' && request.headers['hx-request'] !== undefined
      const look = isByItself ? app.signIns.peek : app.signIns.find
      const signIn = await look(cookieOf(request, COOKIE))
      const key = signIn && keyOf(signIn)
      if (key) request.staff = staffOf(request, signIn, key)
      if (key || request.routeOptions.config.door === 'open' || request.is404) return
      return askToSignIn(request, reply)
    })

    app.addHook('preHandler', async (request, reply) => {
      if (request.method === 'GET' || request.method === 'HEAD') return
      // Where nobody has signed in there is no token yet: the browser itself says where the form comes from.
      const isOurs = request.staff ? hasToken(request) : isFromHere(request)
      if (!isOurs) return reply.page(expiredFormPage(request.texts), 403)
    })

    /** The key behind a sign-in; undefined where it does not hold any more. */
    function keyOf({ who }: SignIn): Asker | undefined {
      if (who.by === 'key') return app.access.marked(who.mark)
      return hasProvider(config) ? { name: who.name, scopes: who.scopes } : undefined
    }

    function staffOf(request: FastifyRequest, { formToken }: SignIn, key: Asker): Staff {
      return {
        name: key.name,
        formToken,
        api: createApi(app, request, key),
        can: (scope) => allows(key.scopes, scope),
        async holds() {
          const signIn = await app.signIns.peek(cookieOf(request, COOKIE))
          return signIn !== undefined && keyOf(signIn) !== undefined
        },
      }
    }
  },
  { name: 'console-staff', dependencies: ['console-pages'] },
)

function askToSignIn(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const to = request.method === 'GET' ? destination(request.url) : CONSOLE
  // From another site a browser sends no cookie of ours along, but from here it does.
  if (request.headers['sec-fetch-site'] === 'cross-site' && request.method === 'GET')
    return reply.page(comeBackPage(to, request.texts))
  const signIn = withQuery(SIGN_IN, { to })
  if (request.headers['hx-request'] !== undefined) return reply.header('hx-redirect', signIn).code(401).send()
  return reply.redirect(signIn, 303)
}

function hasToken({ body, staff }: FastifyRequest): boolean {
  const [sent, ours] = [Buffer.from(textOf(body, FORM_TOKEN)), Buffer.from(staff.formToken)]
  return sent.length === ours.length && timingSafeEqual(sent, ours)
}

function isFromHere({ headers, host }: FastifyRequest): boolean {
  const site = headers['sec-fetch-site']
  if (site !== undefined) return site === 'same-origin'
  const { origin } = headers
  return origin === undefined || (URL.canParse(origin) && new URL(origin).host === host)
}
