import { type FastifyPluginAsyncTypebox, Type } from '@fastify/type-provider-typebox'
import { problemReplies } from '../src/api/problem-schema.js'
import { MAX_NUMBER_TEXT } from '../src/api/session-schemas.js'
import { explainCall } from '../src/masking/explain.js'

const Explanation = Type.Object({
  outcome: Type.Union([Type.Literal('connect'), Type.Literal('refuse')]),
  rule: Type.String({
    description:
      'static_pair, session, session_ended, withheld_caller, unknown_caller or not_a_masking_number.',
  }),
  explanation: Type.String(),
  masking_number: Type.Optional(Type.String({ description: 'The dialled number, if it is ours.' })),
  session_id: Type.Optional(Type.String()),
  dial_instead: Type.Array(Type.String(), {
    description: 'The masking numbers on which this caller would be connected.',
  }),
})

/** Says what would happen to a call now, and why: the support desk's first question. */
const explain: FastifyPluginAsyncTypebox = async (app) => {
  app.post(
    '/explain',
    {
      schema: {
        summary: 'Say what would happen to a call, and why',
        body: Type.Object(
          {
            from: Type.String({ maxLength: MAX_NUMBER_TEXT }),
            to: Type.String({ maxLength: MAX_NUMBER_TEXT }),
          },
          { additionalProperties: false },
        ),
        response: { 200: Explanation, ...problemReplies },
      },
    },
    async ({ body }) => {
      const { outcome, rule, explanation, maskingNumber, sessionId, dialInstead } = await explainCall(
        app,
        body,
      )
      return {
        outcome,
        rule: rule.replaceAll('-', '_'),
        explanation,
        ...(maskingNumber && { masking_number: `+${maskingNumber}` }),
        ...(sessionId && { session_id: sessionId }),
        dial_instead: dialInstead.map((number) => `+${number}`),
      }
    },
  )
}

export default explain
