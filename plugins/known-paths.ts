import type { FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import Negotiator from 'negotiator'
import { methodNotAllowed, notAcceptable, notFound, SENT_TYPES } from '../src/api/problem.js'

/**
 * In the scope where this is registered, refuses what no route answers: an unknown path, another method, an Accept header
 * that takes nothing of what we send. All of it before the body is read.
 */
export default fp(
  async (app) => {
    const routes: { readonly path: RegExp; readonly methods: readonly string[] }[] = []

    app.addHook('onRoute', ({ url, method }) => {
      const path = new RegExp(`^${url.replaceAll(/:\w+/g, '[^/]+')}$`)
      routes.push({ path, methods: [method].flat() })
    })

    app.setNotFoundHandler(refuse)

    app.addHook('onRequest', async (request, reply) => {
      // Here already, because the handler comes after the body, which may be wrong in its own way.
      if (request.is404) return refuse(request, reply)
      // An empty header accepts everything, like a missing one.
      if (!request.headers.accept) return
      const { sends = [] } = request.routeOptions.config.operation ?? {}
      const fitting = new Negotiator(request).mediaTypes([...SENT_TYPES, ...sends])
      if (fitting.length === 0) return reply.problem(notAcceptable)
    })

    function refuse({ url }: FastifyRequest, reply: FastifyReply): FastifyReply {
      const allowed = methodsOf(url)
      if (allowed.length === 0) return reply.problem(notFound)
      return reply.header('allow', allowed.join(', ')).problem(methodNotAllowed(allowed))
    }

    function methodsOf(url: string): string[] {
      const [pathname = ''] = url.split('?')
      return routes.filter(({ path }) => path.test(pathname)).flatMap(({ methods }) => methods)
    }
  },
  { name: 'known-paths', dependencies: ['problems'] },
)
