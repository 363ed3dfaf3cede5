import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { StatusView } from '../src/api/status-schemas.js'

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
