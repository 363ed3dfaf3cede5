import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { ApiKey } from '../src/access/api-key.js'
import { OwnKeyView } from '../src/api/key-schemas.js'
import { ownKeyView } from '../src/api/key-view.js'

/** Says what the key is that asks. */
const me: FastifyPluginAsyncTypebox = async (app) => {
  app.get(
    '/me',
    {
      schema: {
        operationId: 'showKey',
        tags: ['Keys'],
        summary: 'Show the key that asks',
        description: 'Its name, and what it may do. Where it never expires there is no `expires_at`.',
        response: { 200: OwnKeyView },
      },
      config: { operation: { scope: 'any', replies: { 200: 'The key.' }, problems: [] } },
    },
    // The gate lets nobody in without one.
    async ({ apiKey }) => ownKeyView(apiKey as ApiKey),
  )
}

export default me
