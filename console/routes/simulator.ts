import type { FastifyPluginAsync } from 'fastify'
import type { SessionPageView, SessionView } from '../../src/api/session-schemas.js'
import type { SimulatedCall, SimulationView } from '../../src/api/simulation-schemas.js'
import { textOf } from '../forms.js'
import type { Staff } from '../hooks/staff.js'
import { needs } from '../needs.js'
import { anyPhonePage, type ParticipantCall, participantPage } from '../pages/simulator.js'
import { path } from '../urls.js'

/** How many sessions can be chosen from: the newest open ones. */
const OFFERED = 20
const HOUR_SECONDS = 3_600

/** Phones on the screen: calls that nobody makes. */
const simulator: FastifyPluginAsync = async (app) => {
  app.get('/simulator', async ({ query, staff, texts }, reply) => {
    needs('explain', staff)
    const call = callIn(query)
    const sessions = staff.can('sessions:read') ? await offered(staff, call) : undefined
    const simulated = call && (await simulate(staff, callOf(call, sessions)))
    return reply.page(participantPage({ staff, call, sessions, simulated }, texts), simulated?.status)
  })

  app.get('/simulator/number', async ({ staff, texts }, reply) => {
    needs('explain', staff)
    return reply.page(anyPhonePage({ staff }, texts))
  })

  app.post('/simulator/number', async ({ body, headers, staff, texts }, reply) => {
    const asked = { from: textOf(body, 'from'), to: textOf(body, 'to'), ahead_seconds: aheadIn(body) }
    const simulated = await simulate(staff, asked)
    // Of a reply with another status a script would show nothing.
    const status = headers['hx-request'] === undefined ? simulated.status : 200
    return reply.page(anyPhonePage({ staff, simulated }, texts), status)
  })
}

function simulate({ api }: Staff, asked: Asked) {
  return api.send<SimulationView>('POST', '/simulations', asked)
}

/** As the API takes it, but that what was typed may be no number of seconds. */
type Asked = Omit<SimulatedCall, 'ahead_seconds'> & { readonly ahead_seconds: number | string }

/** The call of a participant that a URL asks for. */
function callIn(query: unknown): ParticipantCall | undefined {
  const session = textOf(query, 'session')
  if (session === '') return undefined
  return {
    session,
    caller: textOf(query, 'caller') === '1' ? 1 : 0,
    dials: textOf(query, 'dials') === 'other' ? 'other' : 'own',
    ahead: aheadIn(query),
  }
}

/** Seconds, from a field of seconds or the one of hours; what is neither goes on as it is, to be refused by the API. */
function aheadIn(fields: unknown): number | string {
  const hours = textOf(fields, 'hours')
  const [text, unit] = hours === '' ? [textOf(fields, 'ahead'), 1] : [hours, HOUR_SECONDS]
  const seconds = Math.round(Number(text) * unit)
  return Number.isFinite(seconds) ? seconds : text
}

/** The newest open sessions, and before them the one that was asked for. */
async function offered({ api }: Staff, call: ParticipantCall | undefined): Promise<readonly SessionView[]> {
  const [{ sessions }, chosen] = await Promise.all([
    api.get<SessionPageView>('/sessions', { status: 'open', limit: OFFERED }),
    call && api.send<SessionView>('GET', path`/sessions/${call.session}`),
  ])
  if (!chosen?.body) return sessions
  return [chosen.body, ...sessions.filter(({ id }) => id !== call?.session)]
}

function callOf(call: ParticipantCall, sessions: readonly SessionView[] | undefined): Asked {
  const { session, caller, dials, ahead } = call
  const other = sessions?.find(({ id }) => id === session)?.participants[caller === 0 ? 1 : 0]
  return {
    session_id: session,
    caller,
    ahead_seconds: ahead,
    ...(dials === 'other' && other && { to: other.masking_number }),
  }
}

export default simulator
