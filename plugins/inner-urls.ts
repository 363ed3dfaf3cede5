import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import fp from 'fastify-plugin'
import { webhookChecks } from '../src/config/webhook-checks.js'
import { innerUrl } from '../src/inner-url.js'

declare module 'fastify' {
  interface FastifyInstance {
    /** What stands before the path of the carrier's routes. */
    readonly carrierPrefix: string
    /** The URL by which the routes know a request. */
    innerUrl(request: IncomingMessage): string
  }
}

/** Decorates `app.carrierPrefix` and `app.innerUrl`, which decide who reaches which routes. */
export default fp(
  async (app) => {
    const { adminServer } = app
    let { prefixes } = webhookChecks(app.config)
    if (!adminServer && prefixes.includes('')) {
      app.decorate('carrierPrefix', '')
      app.decorate('innerUrl', ({ url = '' }) => url)
      return
    }
    const carrierPrefix = `/${randomUUID()}`
    app.secrets.onChange(() => {
      prefixes = webhookChecks(app.config).prefixes
    })
    app.decorate('carrierPrefix', carrierPrefix)
    app.decorate('innerUrl', (request) =>
      innerUrl(String(request.url), listenerOf(request), { prefixes, carrierPrefix }),
    )

    function listenerOf(request: IncomingMessage) {
      if (!adminServer) return 'both'
      const isFromHere = app.tickets.holder(request.headers.authorization) !== undefined
      return isFromHere || app.isOnAdminServer(request) ? 'business' : 'calls'
    }
  },
  { name: 'inner-urls', dependencies: ['config', 'secrets', 'admin-server', 'tickets'] },
)
