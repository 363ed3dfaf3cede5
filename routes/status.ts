import { type FastifyPluginAsyncTypebox, Type } from '@fastify/type-provider-typebox'
import { problemReplies } from '../src/api/problem-schema.js'

const StatusView = Type.Object({
  store: Type.Object({
    kind: Type.String({ description: 'memory, standalone, sentinel or cluster.' }),
    state: Type.Union([Type.Literal('up'), Type.Literal('down')], {
      description: 'down: calls of sessions hear an apology; those of the static pair are connected.',
    }),
  }),
})

/** How the instance is, beyond what its probes say: a store that is down is no reason to take it out. */
const status: FastifyPluginAsyncTypebox = async (app) => {
  app.get(
    '/status',
    { schema: { summary: 'Show the state of the store', response: { 200: StatusView, ...problemReplies } } },
    async () => {
      const { kind, isUp } = app.sharedStore ?? { kind: 'memory', isUp: true }
      return { store: { kind, state: isUp ? ('up' as const) : ('down' as const) } }
    },
  )
}

export default status
