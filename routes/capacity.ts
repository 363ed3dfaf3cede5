import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { CapacityQuery, CapacityView } from '../src/api/capacity-schemas.js'
import { capacityView } from '../src/api/capacity-view.js'
import { invalidRequest, ProblemError } from '../src/api/problem.js'
import { readDays } from '../src/masking/pool-days.js'

/** How far the pool goes. */
const capacity: FastifyPluginAsyncTypebox = async (app) => {
  const { config, pool, poolCounter } = app
  const { storage } = app.storages

  app.get(
    '/capacity',
    {
      schema: {
        operationId: 'showCapacity',
        tags: ['Numbers'],
        summary: 'Say how far the pool goes',
        description:
          'How many numbers the busiest people hold, how that goes on, and how many to rent. The service counts in the background: counted_at says as of when.',
        querystring: CapacityQuery,
        response: { 200: CapacityView },
      },
      config: {
        operation: {
          scope: 'sessions:read',
          replies: { 200: 'In sentences, and in figures for all numbers and those of each country.' },
          problems: ['store_unavailable'],
        },
      },
    },
    async ({ query }) => {
      refuseHalf(query)
      const [{ numbers }, counts] = await Promise.all([pool.look(), poolCounter.counts()])
      // After the counts: counting may have added to them.
      const days = await readDays(storage)
      const { NUMBER_REST: rest, SESSION_TTL: sessionLength } = config
      return capacityView({ numbers, counts, days, now: storage.now(), rest, sessionLength }, query)
    },
  )
}

/** What is said about a demand means nothing without the demand. */
function refuseHalf({ sessions_per_person, ...others }: CapacityQuery): void {
  const [field] = Object.keys(others)
  if (sessions_per_person !== undefined || field === undefined) return
  const message = 'belongs to a question: ask with sessions_per_person'
  throw new ProblemError(invalidRequest('query', [{ field, message }]))
}

export default capacity
