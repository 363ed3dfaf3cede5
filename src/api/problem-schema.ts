import { Type } from '@sinclair/typebox'
import { PROBLEM_TYPE } from './problem.js'

const ProblemSchema = Type.Object(
  {
    type: Type.String(),
    title: Type.String(),
    status: Type.Integer(),
    detail: Type.String({ description: 'What to do about it.' }),
    code: Type.String({ examples: ['pool_exhausted'] }),
  },
  { additionalProperties: true },
)

const problem = {
  description: 'What went wrong, as RFC 9457 tells it.',
  content: { [PROBLEM_TYPE]: { schema: ProblemSchema } },
}

/** The replies of every route of the API besides its own. */
export const problemReplies = { '4xx': problem, '5xx': problem }
