import { createServer, type Server } from 'node:http'
import type { FastifyHttpOptions, FastifyServerFactory } from 'fastify'

/** The HTTP servers of one service: they serve the same routes, and none of them is more patient than another. */
export interface HttpServers {
  /** Makes the server that Fastify listens with. */
  readonly factory: FastifyServerFactory
  /** Makes another one like it. Only once the first is there. */
  another(): Server
}

/** Makes servers with the options of the service, as Fastify would make its only one. */
export function httpServers(): HttpServers {
  let make: (() => Server) | undefined
  return {
    factory(handler, options) {
      make = () => createHttpServer(handler, options)
      return make()
    },
    another() {
      if (!make) throw new TypeError('there is no server to be like')
      return make()
    },
  }
}

type Handler = Parameters<FastifyServerFactory>[0]
type Options = FastifyHttpOptions<Server>

/** The same as Fastify's own, which does this only where it has no factory. */
function createHttpServer(handler: Handler, options: Options): Server {
  const { http, keepAliveTimeout, requestTimeout, connectionTimeout, maxRequestsPerSocket } = options
  const server = createServer(http as object, handler)
  server.setTimeout(connectionTimeout)
  return Object.assign(server, { keepAliveTimeout, requestTimeout, maxRequestsPerSocket })
}
