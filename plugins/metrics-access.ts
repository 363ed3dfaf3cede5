import type { FastifyReply } from 'fastify'
import fp from 'fastify-plugin'
import { bearerOf } from '../src/access/basic.js'
import { allows } from '../src/access/scopes.js'
import { missingScope, type Problem, problemReply } from '../src/api/problem.js'

/** In the scope where this is registered, lets only those in who have a key with `metrics:read`, unless the metrics are public. */
export default fp(
  async (app) => {
    if (app.config.METRICS === 'public') return

    app.addHook('onRequest', async (request, reply) => {
      // Programs that ask for metrics can send a password, and not always a key.
      const admission = app.access.admit(request, bearerOf(request.headers.authorization))
      if ('problem' in admission) return refuse(reply, admission.problem)
      if (!allows(admission.key.scopes, 'metrics:read')) return refuse(reply, missingScope('metrics:read'))
    })

    function refuse(reply: FastifyReply, problem: Problem): FastifyReply {
      const { status, headers, body } = problemReply(problem, reply.request.id)
      return reply.code(status).headers(headers).send(body)
    }
  },
  { name: 'metrics-access', dependencies: ['config'] },
)
