import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { strategyOf } from '../src/config/strategy.js'
import { VERSION } from '../src/package-file.js'
import { Type } from '../src/typebox.js'

const Health = Type.Object({ status: Type.String(), strategy: Type.String(), version: Type.String() })
const Readiness = Type.Object({ status: Type.String() })

/** The probes: `/health` says that the process lives and what it is, `/health/ready` that it wants calls. */
const health: FastifyPluginAsyncTypebox = async (app) => {
  const alive = { status: 'ok', strategy: strategyOf(app.config), version: VERSION }
  app.get('/health', { schema: { response: { 200: Health } } }, async () => alive)

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
