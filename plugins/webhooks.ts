import fp from 'fastify-plugin'
import { createWebhooks, type Webhooks } from '../src/events/webhooks.js'

declare module 'fastify' {
  interface FastifyInstance {
    /** Where events are sent to. */
    readonly webhooks: Webhooks
  }
}

/** Decorates `app.webhooks`. */
export default fp(
  async (app) => {
    app.decorate('webhooks', createWebhooks(app.storages.storage))
  },
  { name: 'webhooks', dependencies: ['storages'] },
)
