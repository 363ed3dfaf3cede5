import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { StaleCursorError } from '../src/access/audit-reader.js'
import { AuditPageView, AuditQuery } from '../src/api/audit-schemas.js'
import { auditPageView } from '../src/api/audit-view.js'
import { invalidRequest, ProblemError } from '../src/api/problem.js'

const STALE = invalidRequest('query', [
  {
    field: 'cursor',
    message:
      'is not of what is read now: the file was rotated, or another instance answers; begin again without it',
  },
])

/** Shows who asked for what. */
const audit: FastifyPluginAsyncTypebox = async (app) => {
  const { access } = app

  app.get(
    '/audit',
    {
      schema: {
        operationId: 'listAudit',
        tags: ['Service'],
        summary: 'List the audit trail, the newest first',
        description:
          'Reading it leaves an entry of its own. `covers` says what it is taken from. Lines that were changed or cut off are passed over: `callmask audit verify` finds those.',
        querystring: AuditQuery,
        response: { 200: AuditPageView },
      },
      config: { operation: { scope: 'admin', replies: { 200: 'A page of it.' }, problems: [] } },
    },
    async ({ query: { session_id: session, from, to, cursor, ...query } }) => {
      const wanted = { ...query, session, from: timeOf(from), to: timeOf(to) }
      try {
        return auditPageView(await access.readAudit(wanted, cursor))
      } catch (error) {
        throw error instanceof StaleCursorError ? new ProblemError(STALE) : error
      }
    },
  )
}

function timeOf(text: string | undefined): number | undefined {
  return text === undefined ? undefined : Date.parse(text)
}

export default audit
