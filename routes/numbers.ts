import { type FastifyPluginAsyncTypebox, Type } from '@fastify/type-provider-typebox'
import { numberNotInPool, ProblemError } from '../src/api/problem.js'
import { problemReplies } from '../src/api/problem-schema.js'
import { MAX_NUMBER_TEXT } from '../src/api/session-schemas.js'
import { pool } from '../src/config/masking-numbers.js'
import { e164, isSameNumber, parsePhoneNumber, wholeNumber } from '../src/masking/phone-number.js'
import type { NumberState } from '../src/masking/session-store.js'

const State = Type.Unsafe<NumberState>({
  type: 'string',
  enum: ['active', 'draining'],
  description: 'draining: given to no new session; open ones keep working.',
})
const NumberView = Type.Object({
  number: Type.String({ examples: ['+919000000001'] }),
  state: State,
})
const PoolView = Type.Object({
  numbers: Type.Array(Type.Composite([NumberView, Type.Object({ open_legs: Type.Integer() })])),
  head_room: Type.Integer({
    description: 'The smallest number of free numbers that any person with an open session still has.',
  }),
})
/** The pool: what is in it, how full it is, and which numbers leave it. */
const numbers: FastifyPluginAsyncTypebox = async (app) => {
  const { config } = app
  const numbersOfPool = pool(config)

  app.get(
    '/numbers',
    { schema: { summary: 'Show the pool', response: { 200: PoolView, ...problemReplies } } },
    async () => {
      const usage = await app.sessions.usage()
      return {
        numbers: usage.numbers.map(({ number, state, openLegs }) => ({
          number: `+${number}`,
          state,
          open_legs: openLegs,
        })),
        head_room: usage.headRoom,
      }
    },
  )

  app.put(
    '/numbers/:number',
    {
      schema: {
        summary: 'Take a number out of the pool, or in again',
        params: Type.Object({ number: Type.String({ maxLength: MAX_NUMBER_TEXT }) }),
        body: Type.Object({ state: State }, { additionalProperties: false }),
        response: { 200: NumberView, ...problemReplies },
      },
    },
    async ({ params, body: { state } }) => {
      const named = parsePhoneNumber(params.number, config.DEFAULT_COUNTRY)
      const number = numbersOfPool.find((ours) => named && isSameNumber(ours, named))
      if (!number) throw new ProblemError(numberNotInPool)
      await app.sessions.setNumberState(wholeNumber(number), state)
      return { number: e164(number), state }
    },
  )
}

export default numbers
