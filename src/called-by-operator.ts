import type { FastifyInstance } from 'fastify'
import metricsAccess from '../plugins/metrics-access.js'
import metrics from '../routes/metrics.js'

/** The scope of what those ask for who run the service. */
export default async function calledByOperator(app: FastifyInstance): Promise<void> {
  await app.register(metricsAccess)
  await app.register(metrics)
}
