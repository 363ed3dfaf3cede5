import { type Static, Type } from '@sinclair/typebox'
import { RULES, type Rule } from '../masking/explain.js'
import { CallView } from './call-schemas.js'
import { MAX_NUMBER_TEXT, SOME_ID } from './session-schemas.js'

export const ExplainedCall = Type.Object(
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

/** Which rule decides a call, and why. */
export const EXPLANATION_MEMBERS = {
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
}

export const ExplanationView = Type.Object(
  {
    ...EXPLANATION_MEMBERS,
    session_ended_at: Type.Optional(
      Type.String({ format: 'date-time', description: 'When the session was over that decides it.' }),
    ),
    // The last call of this caller in that session: only for keys that may read calls.
    last_call: Type.Optional(CallView),
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
export type ExplanationView = Static<typeof ExplanationView>

/** A rule as the API writes it: `session_ended`. */
export function nameOf(rule: Rule): string {
  return rule.replaceAll('-', '_')
}
