import type { FastifyPluginAsync } from 'fastify'
import type { ExplanationView } from '../../src/api/explanation-schemas.js'
import type { FoundSessionsView } from '../../src/api/person-schemas.js'
import { textOf } from '../forms.js'
import { needs } from '../needs.js'
import { whyPage } from '../pages/why.js'

/** What would happen to a call, and what happened to the last one: the support desk's first question. */
const why: FastifyPluginAsync = async (app) => {
  app.get('/why', async ({ staff, texts }, reply) => {
    needs('explain', staff)
    return reply.page(whyPage({ staff }, texts))
  })

  app.post('/why', async ({ body, headers, staff, texts }, reply) => {
    const { api } = staff
    const caller = textOf(body, 'caller')
    const asked = { from: caller, to: textOf(body, 'dialled') }
    const [explained, found] = await Promise.all([
      api.send<ExplanationView>('POST', '/explain', asked),
      staff.can('people:read')
        ? api.send<FoundSessionsView>('POST', '/sessions/search', { number: caller })
        : undefined,
    ])
    // Of a reply with another status a script would show nothing.
    const status = headers['hx-request'] === undefined ? explained.status : 200
    return reply.page(whyPage({ staff, answer: { caller, explained, found } }, texts), status)
  })
}

export default why
