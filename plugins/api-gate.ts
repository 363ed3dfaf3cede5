import type { FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import type { Asker } from '../src/access/api-key.js'
import type { Rate, Verdict } from '../src/access/gcra.js'
import { createLimiter } from '../src/access/limiter.js'
import { rateLimitFields, seconds } from '../src/access/rate-limit-fields.js'
import { allows } from '../src/access/scopes.js'
import { missingScope, rateLimited } from '../src/api/problem.js'
import { createRedisLimits } from '../src/stores/redis/redis-limits.js'

declare module 'fastify' {
  interface FastifyRequest {
    /** Who asks. In the API's scope it is there once the key was checked. */
    apiKey?: Asker
    /** The session that a request turned out to be about, for the audit trail. */
    auditedSession?: string | undefined
    /** Whether its line is in the audit trail. */
    isAudited: boolean
  }
}

/** Seconds of the rate that may come at once. */
export const BURST_SECONDS = 5
/** Guesses that may come at once: a support desk asks a few in a row, and then talks. */
export const EXPLAIN_BURST = 30
/** How many keys may explain at their full rate before the limit of all together is reached. */
export const EXPLAIN_KEYS = 4

/**
 * In the scope where this is registered, lets those in who have a valid key with the scope that the route names, as often as the limits
 * say, and leaves a line of each request in the audit trail.
 */
export default fp(
  async (app) => {
    const { access, clock, config, meter, sharedStore } = app
    const shared = sharedStore && createRedisLimits(sharedStore.link, sharedStore.prefix)
    const limit = (rate: Rate) => ({ rate, limiter: createLimiter(rate, clock.now, shared) })
    const ofKey = limit({ perSecond: config.API_RATE, burst: config.API_RATE * BURST_SECONDS })
    const explain = { perSecond: config.EXPLAIN_RATE, burst: config.EXPLAIN_RATE * EXPLAIN_BURST }
    const explainOfKey = limit(explain)
    const explainOfAll = limit({
      perSecond: explain.perSecond * EXPLAIN_KEYS,
      burst: explain.burst * EXPLAIN_KEYS,
    })

    app.decorateRequest('apiKey')
    app.decorateRequest('auditedSession')
    app.decorateRequest('isAudited', false)

    app.addHook('onRoute', ({ url, config }) => {
      if (!config?.operation) throw new TypeError(`${url} does not say which scope it needs`)
    })

    app.addHook('onRequest', async (request, reply) => {
      const admission = access.admit(request)
      if ('problem' in admission) return reply.problem(admission.problem)
      const { key } = admission
      request.apiKey = key
      // Where there is no route there is nothing to be allowed: any key may hear of that.
      const { scope, limit } = request.routeOptions.config.operation ?? { scope: 'any' }

      const verdict = await ofKey.limiter(`api:${key.name}`)
      reply.headers(rateLimitFields('api', ofKey.rate, verdict))
      if (!verdict.allowed) return refuse(request, reply, verdict, 'api')
      if (!allows(key.scopes, scope)) return reply.problem(missingScope(scope))
      if (limit === 'explain') return checkExplain(request, reply, key)
    })

    /** Each key by itself, and then all together, so that one alone cannot use up what all have. */
    async function checkExplain(request: FastifyRequest, reply: FastifyReply, { name }: Asker) {
      const own = await explainOfKey.limiter(`explain:${name}`)
      reply.headers(rateLimitFields('explain', explainOfKey.rate, own))
      if (!own.allowed) return refuse(request, reply, own, 'explain')
      const all = await explainOfAll.limiter('explain')
      if (!all.allowed) return refuse(request, reply, all, 'explain')
    }

    /** Told of in samples alone: whoever is refused must not be able to fill a log. */
    function refuse(
      request: FastifyRequest,
      reply: FastifyReply,
      { retryMs }: Verdict,
      limit: 'api' | 'explain',
    ): FastifyReply {
      meter.count('rateLimited', limit)
      access.note('rate_limited', String(request.apiKey?.name))
      return reply.problem(rateLimited(seconds(retryMs)))
    }

    // Of a reply that is broken off there is no end: but a part of it was told.
    app.addHook('onRequest', async (request, reply) => {
      reply.raw.once('close', () => leaveLine(request, reply))
    })
    app.addHook('onResponse', async (request, reply) => leaveLine(request, reply))

    function leaveLine(request: FastifyRequest, reply: FastifyReply): void {
      if (request.isAudited) return
      request.isAudited = true
      const { apiKey, auditedSession, id } = request
      const { operationId } = request.routeOptions.schema ?? {}
      meter.count('apiRequests', operationId, String(reply.statusCode))
      if (!apiKey || reply.problemCode === 'rate_limited') return
      access.audit.add('request', {
        key: apiKey.name,
        source: access.sourceOf(request),
        operation: operationId,
        session: auditedSession,
        status: reply.statusCode,
        code: reply.problemCode,
        request: id,
      })
    }
  },
  { name: 'api-gate', dependencies: ['access', 'meter', 'problems'] },
)
