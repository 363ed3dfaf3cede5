import { once } from 'node:events'
import type { IncomingMessage, Server } from 'node:http'
import type { Socket } from 'node:net'
import fp from 'fastify-plugin'
import type { HttpServers } from '../src/http-server.js'

declare module 'fastify' {
  interface FastifyInstance {
    /** The listener that the business has for itself; undefined when there is one listener for all. */
    readonly adminServer: Server | undefined
    /** Whether a request came over that listener. One that was injected did not. */
    isOnAdminServer(request: IncomingMessage): boolean
  }
}

/** Decorates `app.adminServer`, which serves the same routes as `app.server`, and ends with it. */
export default fp<{ servers: HttpServers }>(
  async (app, { servers }) => {
    if (app.config.ADMIN_PORT === undefined) {
      app.decorate('adminServer', undefined)
      app.decorate('isOnAdminServer', () => false)
      return
    }
    const server = servers.another()
    app.boundConnections(server)
    const sockets = new WeakSet<Socket>()
    server.on('connection', (socket) => sockets.add(socket))
    // As the first one answers what is too broken to be a request.
    for (const listener of app.server.listeners('clientError')) {
      server.on('clientError', listener as (...broken: unknown[]) => void)
    }
    app.decorate('adminServer', server)
    app.decorate('isOnAdminServer', ({ socket }) => sockets.has(socket))

    // Both stop accepting at once, and then the requests of both may end, before what they rely on is closed.
    let closed: Promise<unknown> = Promise.resolve()
    app.addHook('preClose', async () => {
      if (!server.listening) return
      closed = once(server, 'close')
      server.close()
      server.closeIdleConnections()
    })
    app.addHook('onClose', async () => {
      await closed
    })
  },
  { name: 'admin-server', dependencies: ['config', 'connections'] },
)
