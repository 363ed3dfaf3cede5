import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from '@sinclair/typebox'
import { ProblemError, sessionNotFound } from '../src/api/problem.js'
import { MAX_NUMBER_TEXT, SOME_ID } from '../src/api/session-schemas.js'
import { explainCall, RULES, type Rule } from '../src/masking/explain.js'

const ExplainedCall = Type.Object(
  {
    from: Type.String({ maxLength: MAX_NUMBER_TEXT, description: 'Who calls, as the carrier says it.' }),
    to: Type.String({ maxLength: MAX_NUMBER_TEXT, description: 'The number that they dial.' }),
    session_id: Type.Optional(
      Type.String({
        maxLength: 64,
        description: 'The session that the asker knows. Only of this one is told what to dial instead.',
      }),
    ),
  },
  {
    title: 'Call',
    additionalProperties: false,
    examples: [{ from: '+91 98000 00001', to: '+919000000011', session_id: SOME_ID }],
  },
)
const Explanation = Type.Object(
  {
    outcome: Type.Unsafe<'connect' | 'refuse'>({ type: 'string', enum: ['connect', 'refuse'] }),
    rule: Type.Unsafe<string>({
      title: 'Rule',
      type: 'string',
      enum: RULES.map(nameOf),
      description: 'Which rule decides it.',
    }),
    explanation: Type.String({ description: 'The same in words, for a support desk.' }),
    masking_number: Type.Optional(Type.String({ description: 'The dialled number, if it is ours.' })),
    session_id: Type.Optional(Type.String()),
    dial_instead: Type.Array(Type.String(), {
      description:
        'The masking number on which a refused caller would be connected in the session that was named. Without session_id it is empty.',
    }),
  },
  {
    title: 'Explanation',
    examples: [
      {
        outcome: 'refuse',
        rule: 'unknown_caller',
        explanation: 'The call is refused: this caller has no session on this number.',
        masking_number: '+919000000011',
        dial_instead: ['+919000000012'],
      },
    ],
  },
)

/** A rule as the API writes it: `session_ended`. */
function nameOf(rule: Rule): string {
  return rule.replaceAll('-', '_')
}

/** Says what would happen to a call now, and why: the support desk's first question. */
const explain: FastifyPluginAsyncTypebox = async (app) => {
  app.post(
    '/explain',
    {
      schema: {
        operationId: 'explainCall',
        tags: ['Calls'],
        summary: 'Say what would happen to a call, and why',
        body: ExplainedCall,
        response: { 200: Explanation },
      },
      config: {
        operation: {
          scope: 'explain',
          limit: 'explain',
          replies: { 200: 'What would happen now.' },
          problems: ['session_not_found', 'store_unavailable'],
        },
      },
    },
    async (request) => {
      const { session_id: named, ...call } = request.body
      const session = named === undefined ? undefined : await app.sessions.find(named)
      if (named !== undefined && !session) throw new ProblemError(sessionNotFound)
      request.auditedSession = session?.id
      const { legs, admission } = app
      const explained = await explainCall({ legs, notNow: admission.refusalOfNext }, call, session)
      const { outcome, rule, explanation, maskingNumber, sessionId, dialInstead } = explained
      request.auditedSession ??= sessionId
      return {
        outcome,
        rule: nameOf(rule),
        explanation,
        ...(maskingNumber && { masking_number: `+${maskingNumber}` }),
        ...(sessionId && { session_id: sessionId }),
        dial_instead: dialInstead.map((number) => `+${number}`),
      }
    },
  )
}

export default explain
