import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from '@sinclair/typebox'
import type { SharedStore } from '../src/stores/redis/shared-store.js'

const StatusView = Type.Object(
  {
    store: Type.Object(
      {
        kind: Type.Unsafe<'memory' | 'file' | SharedStore['kind']>({
          type: 'string',
          enum: ['memory', 'file', 'standalone', 'sentinel', 'cluster'],
          description: 'memory: in this process. file: in a folder of its machine.',
        }),
        state: Type.Unsafe<'up' | 'down'>({
          type: 'string',
          enum: ['up', 'down'],
          description:
            'down: calls of sessions hear an apology, or, with a file, nothing is opened, changed or closed; those of the static pair are connected.',
        }),
      },
      { title: 'StoreStatus' },
    ),
  },
  { title: 'Status', examples: [{ store: { kind: 'memory', state: 'up' } }] },
)

/** How the instance is, beyond what its probes say: a store that is down is no reason to take it out. */
const status: FastifyPluginAsyncTypebox = async (app) => {
  app.get(
    '/status',
    {
      schema: {
        operationId: 'getStatus',
        tags: ['Service'],
        summary: 'Show the state of the store',
        response: { 200: StatusView },
      },
      config: { operation: { scope: 'any', replies: { 200: 'The state.' }, problems: [] } },
    },
    async () => {
      const { kind, isUp } = whereKept()
      return { store: { kind, state: isUp ? ('up' as const) : ('down' as const) } }
    },
  )

  function whereKept() {
    const { fileStore, sharedStore } = app
    if (sharedStore) return sharedStore
    return fileStore
      ? { kind: 'file' as const, isUp: fileStore.isUp }
      : { kind: 'memory' as const, isUp: true }
  }
}

export default status
