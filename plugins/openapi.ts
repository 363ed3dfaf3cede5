import swagger from '@fastify/swagger'
import fp from 'fastify-plugin'
import { withComponents } from '../src/api/components.js'
import { DESCRIPTION, TAGS } from '../src/api/description.js'
import { describedWebhooks } from '../src/api/event-payloads.js'
import { type Operation, repliesOf } from '../src/api/operation.js'
import { withOptionalBodies } from '../src/api/optional-bodies.js'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What the description of the API says of a route besides its schemas. */
    operation?: Operation
  }
}

/** Decorates `app.swagger()`: the description of the routes that are registered after it. */
export default fp(
  async (app) => {
    await app.register(swagger, {
      openapi: {
        openapi: '3.1.0',
        info: {
          title: 'callmask',
          version: '1',
          description: DESCRIPTION,
          license: { name: 'MIT', identifier: 'MIT' } as { name: string },
        },
        servers: [{ url: '/', description: 'This service.' }],
        tags: [...TAGS],
        components: {
          securitySchemes: {
            key: {
              type: 'http',
              scheme: 'bearer',
              description: 'A key of the service, with the scope of the operation.',
            },
          },
        },
        security: [{ key: [] }],
      },
      // The replies of problems are for the description alone: they would cost a compiled serializer each.
      transform({ schema, url, route }) {
        const { operation } = route.config ?? {}
        if (!operation) return { schema, url }
        const described = {
          ...schema,
          response: repliesOf(String(route.method), schema, operation),
          security: [{ key: operation.scope === 'any' ? [] : [operation.scope] }],
        }
        return { schema: described, url }
      },
      transformObject(document) {
        const { openapiObject } = document as { readonly openapiObject: object }
        return withComponents({ ...withOptionalBodies(openapiObject), webhooks: describedWebhooks() })
      },
    })
  },
  { name: 'openapi' },
)
