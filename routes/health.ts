import { type FastifyPluginAsyncTypebox, Type } from '@fastify/type-provider-typebox'

const Health = Type.Object({ status: Type.String(), strategy: Type.String() })
const Readiness = Type.Object({ status: Type.String() })

/** The probes: `/health` says that the process lives, `/health/ready` that it wants calls. */
const health: FastifyPluginAsyncTypebox = async (app) => {
  app.get('/health', { schema: { response: { 200: Health } } }, async () => {
    return { status: 'ok', strategy: 'two-way-client-hosted' }
  })

  app.get(
    '/health/ready',
    { schema: { response: { 200: Readiness, 503: Readiness } } },
    async (_request, reply) => {
      if (!app.drain.begun) return { status: 'ready' }
      return reply.code(503).send({ status: 'draining' })
    },
  )
}

export default health
