import type { FastifyPluginAsync } from 'fastify'

/** What is counted of the service, for Prometheus and what else reads its forms. */
const metrics: FastifyPluginAsync = async (app) => {
  app.get('/metrics', { schema: { hide: true } }, async (request, reply) => {
    // Loaded here, because most instances are never asked in their first seconds, and the start is waited for.
    const { expose } = await import('../src/telemetry/metrics.js')
    const { type, body } = await expose(app.meter.families(), request.headers.accept)
    return reply.type(type).send(body)
  })
}

export default metrics
