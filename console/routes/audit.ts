import type { FastifyPluginAsync } from 'fastify'
import type { AuditPageView } from '../../src/api/audit-schemas.js'
import { PageProblem } from '../api.js'
import { isoOf, optionalOf, withoutNumbers } from '../forms.js'
import { auditPage } from '../pages/audit.js'
import { withQuery } from '../urls.js'

/** Who asked for what. */
const audit: FastifyPluginAsync = async (app) => {
  app.get('/audit', async ({ query, staff, texts }, reply) => {
    const filter = {
      event: optionalOf(query, 'event'),
      key: optionalOf(query, 'key'),
      operation: optionalOf(query, 'operation'),
      session_id: optionalOf(query, 'session_id'),
      from: optionalOf(query, 'from'),
      to: optionalOf(query, 'to'),
    }
    const asked = {
      ...filter,
      from: isoOf(filter.from),
      to: isoOf(filter.to),
      cursor: optionalOf(query, 'cursor'),
    }
    const {
      status,
      body: page,
      problem,
    } = await staff.api.send<AuditPageView>('GET', withQuery('/audit', asked))
    // What is wrong with the filter can be put right in it; anything else is no matter of this page.
    if (problem && problem.code !== 'invalid_request') throw new PageProblem(status, problem)
    return reply.page(
      auditPage({ filter: problem ? withoutNumbers(filter) : filter, page, problem }, texts),
      status,
    )
  })
}

export default audit
