import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify'
import type { CallPageView } from '../../src/api/call-schemas.js'
import type { EventPageView } from '../../src/api/event-schemas.js'
import type { FoundSessionsView } from '../../src/api/person-schemas.js'
import type { SessionPageView, SessionView } from '../../src/api/session-schemas.js'
import type { ApiReply, ProblemView } from '../api.js'
import { isoOf, optionalOf, secondsOf, textOf } from '../forms.js'
import { needs } from '../needs.js'
import { closePage, newSessionPage, type ShownSession, sessionPage } from '../pages/session.js'
import { foundPage, SESSIONS, sessionsPage } from '../pages/sessions.js'
import { path } from '../urls.js'

/** How many calls and events the page of a session shows. */
const SHOWN = 50

interface OfSession {
  readonly Params: { readonly id: string }
}

/** Sessions: found, shown, opened, changed, closed. */
const sessions: FastifyPluginAsync = async (app) => {
  app.get('/sessions', async ({ query, staff, texts }, reply) => {
    const filter = {
      status: optionalOf(query, 'status'),
      external_id: optionalOf(query, 'external_id'),
      from: optionalOf(query, 'from'),
      to: optionalOf(query, 'to'),
    }
    const asked = {
      ...filter,
      from: isoOf(filter.from),
      to: isoOf(filter.to),
      cursor: textOf(query, 'cursor'),
    }
    const page = await staff.api.get<SessionPageView>('/sessions', asked)
    const search = staff.can('people:read') ? staff : undefined
    return reply.page(sessionsPage({ filter, page, search, mayOpen: staff.can('sessions:write') }, texts))
  })

  app.post('/sessions/search', async ({ body, staff, texts }, reply) => {
    const asked = { number: textOf(body, 'number') }
    const {
      status,
      body: found,
      problem,
    } = await staff.api.send<FoundSessionsView>('POST', '/sessions/search', asked)
    return reply.page(foundPage({ found, problem, formToken: staff.formToken }, texts), status)
  })

  app.get('/sessions/new', async ({ staff, texts }, reply) => {
    needs('sessions:write', staff)
    return reply.page(newSessionPage({ given: {}, formToken: staff.formToken }, texts))
  })

  app.post('/sessions/new', async (request, reply) => {
    const { body, staff, texts } = request
    const greeting = optionalOf(body, 'greeting')
    const {
      status,
      body: session,
      problem,
    } = await staff.api.send<ShownSession>('POST', '/sessions', {
      participants: [{ number: textOf(body, 'number-0') }, { number: textOf(body, 'number-1') }],
      external_id: optionalOf(body, 'external_id'),
      expires_in: secondsOf(body, 'minutes'),
      ...(greeting && { call: { greeting } }),
    })
    if (session) return show(request, reply, session, { done: texts.sessions.opened })
    const given = body as Readonly<Record<string, string>>
    return reply.page(newSessionPage({ given, problem, formToken: staff.formToken }, texts), status)
  })

  app.get<OfSession>('/sessions/:id', async (request, reply) => {
    const { params, query, staff, texts } = request
    const session = await staff.api.get<SessionView>(path`/sessions/${params.id}`)
    const done: { readonly [what: string]: string } = texts.sessions.done
    return show(request, reply, session, { done: done[textOf(query, 'done')] })
  })

  app.post<OfSession>('/sessions/:id/extend', async (request, reply) => {
    const seconds = secondsOf(request.body, 'minutes')
    const changed = await change(request, { expires_in: seconds })
    return settle(request, reply, changed, 'extended')
  })

  app.post<OfSession>('/sessions/:id/replace', async (request, reply) => {
    const { body } = request
    const replaced = { number: textOf(body, 'number') }
    const participants = textOf(body, 'side') === '1' ? [{}, replaced] : [replaced, {}]
    return settle(request, reply, await change(request, { participants }), 'replaced')
  })

  app.get<OfSession>('/sessions/:id/close', async ({ params, staff, texts }, reply) => {
    needs('sessions:write', staff)
    const [session, live] = await Promise.all([
      staff.api.get<SessionView>(path`/sessions/${params.id}`),
      staff.can('calls:read')
        ? staff.api.get<CallPageView>(path`/sessions/${params.id}/calls`, { state: 'in_progress' })
        : undefined,
    ])
    const { formToken } = staff
    return reply.page(closePage({ session, liveCalls: live?.calls.length, formToken }, texts))
  })

  app.post<OfSession>('/sessions/:id/close', async (request, reply) => {
    const { body, params, staff } = request
    const how = textOf(body, 'hang_up') === 'yes' ? { hang_up: true } : {}
    const closed = await staff.api.send<ShownSession>('POST', path`/sessions/${params.id}/close`, how)
    return settle(request, reply, closed, 'closed')
  })

  function change({ params, staff }: FastifyRequest<OfSession>, change: object) {
    return staff.api.send<ShownSession>('PATCH', path`/sessions/${params.id}`, change)
  }

  /** After a change: the session again, or what was wrong with it. What was made for this reply alone is shown in it. */
  async function settle(
    request: FastifyRequest<OfSession>,
    reply: FastifyReply,
    changed: ApiReply<ShownSession>,
    done: 'extended' | 'replaced' | 'closed',
  ): Promise<FastifyReply> {
    const { params, staff, texts } = request
    const { body: session, problem } = changed
    if (problem) {
      const before = await staff.api.get<SessionView>(path`/sessions/${params.id}`)
      return show(request, reply, before, { problem, status: changed.status })
    }
    const isShownOnce = session.durable === false || session.participants.some(({ pin }) => pin !== undefined)
    if (isShownOnce) return show(request, reply, session, { done: texts.sessions.done[done] })
    return reply.redirect(`${SESSIONS}${path`/${params.id}`}?done=${done}`, 303)
  }

  async function show(
    { staff, texts }: FastifyRequest,
    reply: FastifyReply,
    session: ShownSession,
    { status = 200, ...said }: Said,
  ): Promise<FastifyReply> {
    const [calls, events] = await Promise.all([
      staff.can('calls:read')
        ? staff.api.get<CallPageView>(path`/sessions/${session.id}/calls`, { limit: SHOWN })
        : undefined,
      staff.can('events:read')
        ? staff.api.get<EventPageView>('/events', { session_id: session.id, limit: SHOWN })
        : undefined,
    ])
    const data = { session, calls: calls?.calls, events: events?.events, staff, ...said }
    return reply.page(sessionPage(data, texts), status)
  }
}

interface Said {
  readonly done?: string | undefined
  readonly problem?: ProblemView | undefined
  readonly status?: number
}

export default sessions
