import type { FastifyPluginAsync } from 'fastify'
import type { CallPageView, CallView } from '../../src/api/call-schemas.js'
import type { EventPageView, EventView } from '../../src/api/event-schemas.js'
import type { Api } from '../api.js'
import { isoOf, optionalOf } from '../forms.js'
import { callPage } from '../pages/call.js'
import { callsPage } from '../pages/calls.js'
import { path } from '../urls.js'

/** How many events since a call began are looked through for its own. */
const LOOKED_THROUGH = 200
/** Milliseconds by which the clocks of an instance and of the store may differ. */
const CLOCKS_MS = 60_000

interface OfCall {
  readonly Params: { readonly id: string }
}

/** Calls: found, and shown. */
const calls: FastifyPluginAsync = async (app) => {
  app.get('/calls', async ({ query, staff, texts }, reply) => {
    const filter = {
      outcome: optionalOf(query, 'outcome'),
      state: optionalOf(query, 'state'),
      from: optionalOf(query, 'from'),
      to: optionalOf(query, 'to'),
      session: optionalOf(query, 'session'),
    }
    const cursor = optionalOf(query, 'cursor')
    const page = await staff.api.get<CallPageView>('/calls', {
      outcome: filter.outcome,
      state: filter.state,
      from: isoOf(filter.from),
      to: isoOf(filter.to),
      session_id: filter.session,
      cursor,
    })
    return reply.page(callsPage({ filter, cursor, page }, texts))
  })

  app.get<OfCall>('/calls/:id', async ({ params, staff, texts }, reply) => {
    const call = await staff.api.get<CallView>(path`/calls/${params.id}`)
    const events = staff.can('events:read') ? await eventsOf(call, staff.api) : undefined
    return reply.page(callPage({ call, events, staff }, texts))
  })
}

/** What the business was told of a call; undefined where it is of no session. */
async function eventsOf(call: CallView, api: Api): Promise<readonly EventView[] | undefined> {
  const { id, session_id, began_at } = call
  if (session_id === null) return undefined
  const { events } = await api.get<EventPageView>('/events', {
    session_id,
    from: new Date(Date.parse(began_at) - CLOCKS_MS).toISOString(),
    order: 'oldest',
    limit: LOOKED_THROUGH,
  })
  const own = events.filter(({ data }) => data.call_id === id)
  return own.sort((one, other) => Date.parse(one.timestamp) - Date.parse(other.timestamp))
}

export default calls
