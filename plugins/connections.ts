import type { Server } from 'node:http'
import fp from 'fastify-plugin'
import { boundConnections } from '../src/connections.js'

declare module 'fastify' {
  interface FastifyInstance {
    /** Bounds what one connection to a server may ask for. */
    boundConnections(server: Server): void
  }
}

/** Bounds what one connection may ask for, and logs how many were cut: at 1, 2, 4, 8 … of them, so that none fills the log. */
export default fp(
  async (app) => {
    let cut = 0

    app.decorate('boundConnections', (server) =>
      boundConnections(server, {
        clock: app.clock,
        onExcess() {
          cut += 1
          app.meter.count('connectionsCut')
          if (Number.isInteger(Math.log2(cut)))
            app.log.warn({ count: cut }, 'connection cut: too many requests at once')
        },
      }),
    )
    app.boundConnections(app.server)
  },
  { name: 'connections', dependencies: ['clock', 'meter'] },
)
