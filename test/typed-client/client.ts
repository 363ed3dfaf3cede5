/**
 * A client with the types that a generator makes of the API's description. `typed-client.test.ts` generates them, compiles
 * this file with them, and runs it against the service.
 */
import createClient, { type Client } from 'openapi-fetch'
import type { components, operations, paths } from './schema.js'

type Session = components['schemas']['Session']
/** The HTTP status with which each operation was answered. */
/** What the service sends is described too, and is nothing to be called. */
export type Statuses = Record<Exclude<keyof operations, `on${string}`>, number>

/** Calls every operation once. */
export async function callEverything(fetch: (request: Request) => Promise<Response>, key: string) {
  const client = createClient<paths>({
    baseUrl: 'http://callmask.test',
    headers: { authorization: `Bearer ${key}` },
    fetch,
  })

  const created = await client.POST('/v1/sessions', {
    params: { header: { 'idempotency-key': 'a key' } },
    body: {
      participants: [{ number: '+919800000001' }, { number: 'tel:+91-98000-00002' }],
      expires_in: 3_600,
      external_id: 'ride-42',
      metadata: { city: 'Pune' },
    },
  })
  const session: Session = some(created.data)
  const path = { id: session.id }

  const listed = await client.GET('/v1/sessions', { params: { query: { limit: 10, status: 'open' } } })
  const page = some(listed.data)
  const names: (string | undefined)[] = page.sessions.map(({ external_id }) => external_id)
  const cursor: string | null = page.next_cursor

  const shown = await client.GET('/v1/sessions/{id}', { params: { path } })
  const changed = await client.PATCH('/v1/sessions/{id}', { params: { path }, body: { expires_in: 7_200 } })
  const durable: boolean = some(changed.data).durable
  const closed = await client.POST('/v1/sessions/{id}/close', { params: { path } })
  const status: 'open' | 'closed' | 'expired' = some(closed.data).status

  const call = { params: { path: { id: '6d0f4d2e-1c3b-4a59-8e7f-90a1b2c3d4e5' } } }
  const calls = await client.GET('/v1/calls', { params: { query: { limit: 10, outcome: 'talked' } } })
  const ofSession = await client.GET('/v1/sessions/{id}/calls', {
    params: { path, query: { limit: 10 } },
  })
  const summed = await client.GET('/v1/calls/summary')
  const refused: number = some(summed.data).outcomes.refused
  const became = await client.GET('/v1/calls/{id}', call)
  const talked: (number | null)[] = some(calls.data).calls.map(({ talk_seconds }) => talk_seconds)
  const heard = await client.GET('/v1/calls/{id}/recording', { ...call, parseAs: 'blob' })
  const deleted = await client.DELETE('/v1/calls/{id}/recording', call)

  const pool = await client.GET('/v1/numbers')
  const [number] = some(pool.data).numbers
  const set = await client.PUT('/v1/numbers/{number}', {
    params: { path: { number: some(number).number } },
    body: { state: 'draining' },
  })
  const legs: number | null = some(some(pool.data).numbers[0]).open_legs
  const capacity = await client.GET('/v1/capacity', { params: { query: { sessions_per_person: 3 } } })
  const toRent: number | undefined = some(capacity.data).rent?.to_rent
  const added = await client.POST('/v1/numbers', {
    body: { numbers: [{ number: '+919000000021', label: 'spare' }] },
  })
  const removed = await client.DELETE('/v1/numbers/{number}', {
    params: { path: { number: '+919000000021' } },
  })
  const reason = removed.error?.code === 'number_in_use' ? removed.error.reason : undefined
  const searched = await client.POST('/v1/sessions/search', { body: { number: '+919800000001', limit: 10 } })
  const erased = await client.POST('/v1/people/erase', { body: { number: '+919800000009' } })
  const explained = await client.POST('/v1/explain', {
    body: { from: '+919800000001', to: some(session.participants[0]).masking_number },
  })
  const simulated = await client.POST('/v1/simulations', {
    body: { session_id: session.id, caller: 0, ahead_seconds: 60 },
  })
  const { endings, caller_hears } = some(simulated.data)
  const words: string[] = endings?.busy.caller_hears ?? caller_hears
  const events = await client.GET('/v1/events', {
    params: { query: { type: 'session.opened', limit: 10 } },
  })
  const kind = some(some(events.data).events[0]).type
  const hook = await client.POST('/v1/webhooks', {
    body: { url: 'https://shop.example.com/hooks', events: ['session.*'] },
  })
  const at = { id: some(hook.data).id }
  const hooks = await client.GET('/v1/webhooks')
  const ours = await client.GET('/v1/webhooks/{id}', { params: { path: at } })
  const patched = await client.PATCH('/v1/webhooks/{id}', { params: { path: at }, body: { state: 'on' } })
  const rotated = await client.POST('/v1/webhooks/{id}/rotate-secret', { params: { path: at } })
  const tried = await client.POST('/v1/webhooks/{id}/test', { params: { path: at } })
  const isDelivered: boolean = some(tried.data).delivered
  const since = '2100-01-01T00:00:00Z'
  const resent = await client.POST('/v1/webhooks/{id}/redeliver', { params: { path: at }, body: { since } })
  const late = await client.GET('/v1/deliveries', { params: { query: { state: 'failed', limit: 10 } } })
  const lost = { id: 'wh_none.evt_none' }
  const once = await client.POST('/v1/deliveries/{id}/redeliver', { params: { path: lost } })
  const dropped = await client.DELETE('/v1/webhooks/{id}', { params: { path: at } })
  const made = await client.POST('/v1/keys', { body: { name: 'desk', scopes: ['explain'] } })
  const keys = await client.GET('/v1/keys')
  const revoked = await client.DELETE('/v1/keys/{name}', { params: { path: { name: 'desk' } } })
  const compared = await client.GET('/v1/numbers/account')
  const me = await client.GET('/v1/me')
  const trail = await client.GET('/v1/audit', { params: { query: { limit: 10 } } })
  const checkup = await client.POST('/v1/checkup')
  const state = await client.GET('/v1/status')

  const statuses: Statuses = {
    createSession: created.response.status,
    listSessions: listed.response.status,
    getSession: shown.response.status,
    changeSession: changed.response.status,
    closeSession: closed.response.status,
    listCalls: calls.response.status,
    listCallsOfSession: ofSession.response.status,
    summarizeCalls: summed.response.status,
    getCall: became.response.status,
    getRecording: heard.response.status,
    deleteRecording: deleted.response.status,
    listNumbers: pool.response.status,
    showCapacity: capacity.response.status,
    addNumbers: added.response.status,
    changeNumber: set.response.status,
    removeNumber: removed.response.status,
    searchSessions: searched.response.status,
    erasePerson: erased.response.status,
    explainCall: explained.response.status,
    simulateCall: simulated.response.status,
    listEvents: events.response.status,
    createWebhook: hook.response.status,
    listWebhooks: hooks.response.status,
    getWebhook: ours.response.status,
    changeWebhook: patched.response.status,
    rotateWebhookSecret: rotated.response.status,
    testWebhook: tried.response.status,
    redeliverSince: resent.response.status,
    listDeliveries: late.response.status,
    redeliver: once.response.status,
    removeWebhook: dropped.response.status,
    createKey: made.response.status,
    listKeys: keys.response.status,
    revokeKey: revoked.response.status,
    compareNumbers: compared.response.status,
    showKey: me.response.status,
    listAudit: trail.response.status,
    runCheckup: checkup.response.status,
    getStatus: state.response.status,
  }
  return {
    statuses,
    seen: {
      names,
      cursor,
      durable,
      status,
      legs,
      toRent,
      reason,
      talked,
      refused,
      rule: explained.data?.rule,
      words,
      told: kind,
      isDelivered,
      kind: state.data?.store.kind,
    },
    problem: await whyNot(client),
  }
}

/** How a program handles a problem: its code narrows the type to the members of that problem. */
async function whyNot(client: Client<paths>): Promise<string> {
  const { error } = await client.POST('/v1/sessions', {
    body: { participants: [{ number: '+919800000003' }, { number: '+14155552671' }] },
  })
  switch (error?.code) {
    case 'pool_exhausted':
      return `${error.numbers_needed} numbers needed, wait until ${error.next_free_at}`
    case 'country_not_allowed':
      return `participant ${error.participant} is not of ${error.allowed_countries.join()}`
    case 'invalid_request':
      return error.errors.map(({ field }) => field).join()
    default:
      return error?.detail ?? 'nothing is wrong'
  }
}

function some<Value>(value: Value | undefined): Value {
  if (value === undefined) throw new Error('the reply is a problem')
  return value
}

/** What must not compile. It is never called. */
export async function mistakes(client: Client<paths>): Promise<void> {
  // @ts-expect-error there is no such path
  await client.GET('/v1/nothing')
  // @ts-expect-error a participant has a number
  await client.POST('/v1/sessions', { body: { participants: [{}, {}] } })
  const body = { participants: [{ number: 919800000001 }, { number: '' }] }
  // @ts-expect-error which is a string
  await client.POST('/v1/sessions', { body })
  // @ts-expect-error one of two states
  await client.PUT('/v1/numbers/{number}', { params: { path: { number: '' } }, body: { state: 'gone' } })
  const { error } = await client.GET('/v1/status')
  // @ts-expect-error this operation has no such problem
  if (error?.code === 'pool_exhausted') return
}
