import { type FastifyPluginAsyncTypebox, Type } from '@fastify/type-provider-typebox'
import { numberNotInPool, ProblemError } from '../src/api/problem.js'
import { MAX_NUMBER_TEXT } from '../src/api/session-schemas.js'
import { e164, isSameNumber, parsePhoneNumber, wholeNumber } from '../src/masking/phone-number.js'
import type { NumberState } from '../src/masking/pool.js'
import { surveyPool } from '../src/masking/usage.js'

const State = Type.Unsafe<NumberState>({
  title: 'NumberState',
  type: 'string',
  enum: ['active', 'draining'],
  description: 'draining: given to no new session; open ones keep working.',
})
const number = {
  number: Type.String({ description: 'A masking number.', examples: ['+919000000011'] }),
  state: State,
}
const NumberView = Type.Object(number, {
  title: 'MaskingNumber',
  examples: [{ number: '+919000000011', state: 'draining' }],
})
const UsedNumberView = Type.Object(
  {
    ...number,
    open_legs: Type.Integer({ description: 'How many people it would connect with somebody now.' }),
  },
  { title: 'UsedNumber' },
)
const PoolView = Type.Object(
  {
    numbers: Type.Array(UsedNumberView),
    head_room: Type.Integer({
      description: 'The smallest number of free numbers that any person with an open session still has.',
    }),
  },
  {
    title: 'Pool',
    examples: [{ numbers: [{ number: '+919000000011', state: 'active', open_legs: 2 }], head_room: 1 }],
  },
)
const NewState = Type.Object(
  { state: State },
  { title: 'NewNumberState', additionalProperties: false, examples: [{ state: 'draining' }] },
)
const NumberPath = Type.Object({
  number: Type.String({
    maxLength: MAX_NUMBER_TEXT,
    description: 'A number of the pool, in any spelling.',
    examples: ['+919000000011'],
  }),
})

/** The pool: what is in it, how full it is, and which numbers leave it. */
const numbers: FastifyPluginAsyncTypebox = async (app) => {
  const { config } = app
  const { pool } = app.maskingNumbers

  app.get(
    '/numbers',
    {
      schema: {
        operationId: 'listNumbers',
        tags: ['Numbers'],
        summary: 'Show the pool',
        response: { 200: PoolView },
      },
      config: {
        operation: {
          scope: 'sessions:read',
          replies: { 200: 'All its numbers.' },
          problems: ['store_unavailable'],
        },
      },
    },
    async () => {
      const usage = await surveyPool({
        storage: app.storages.storage,
        numbers: await app.pool.numbers(),
        restMs: config.NUMBER_REST * 1_000,
        fixed: app.maskingNumbers.fixed,
      })
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
        operationId: 'setNumberState',
        tags: ['Numbers'],
        summary: 'Take a number out of the pool, or in again',
        params: NumberPath,
        body: NewState,
        response: { 200: NumberView },
      },
      config: {
        operation: {
          scope: 'numbers:write',
          replies: { 200: 'The state is set.' },
          problems: ['number_not_in_pool', 'store_unavailable'],
        },
      },
    },
    async ({ params, body: { state } }) => {
      const named = parsePhoneNumber(params.number, config.DEFAULT_COUNTRY)
      const number = pool.find((ours) => named && isSameNumber(ours, named))
      if (!number) throw new ProblemError(numberNotInPool)
      await app.pool.change((numbers) =>
        numbers.map((known) => (known.number === wholeNumber(number) ? { ...known, state } : known)),
      )
      return { number: e164(number), state }
    },
  )
}

export default numbers
