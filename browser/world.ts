import { randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { SessionView } from '../src/api/session-schemas.js'
import { CERTIFICATE } from '../test/hook-server.js'
import { rentedNumber, startStandIn } from '../test/vobiz-stand-in.js'
import { type Api, apiOf } from './api.js'
import { CARRIER, dial } from './calls.js'
import { type Endpoint, startEndpoint } from './endpoint.js'
import { crowd, PEOPLE } from './people.js'
import { type Service, startService } from './service.js'
import { startWire, type Wire } from './wire.js'

/** A service that a business has used for a while, and what of it the tests know. */
export interface World {
  readonly service: Service
  readonly wire: Wire
  /** In the name of the key that may do everything. */
  readonly api: Api
  readonly keys: Readonly<Record<Role, string>>
  readonly endpoint: Endpoint
  /** The id of that endpoint. */
  readonly webhook: string
  readonly session: SessionView
  /** Closed, and called again since. */
  readonly closed: SessionView
  /** Its texts are markup. */
  readonly hostile: SessionView
  /** The ids of a call that was talked, and of one that goes on. */
  readonly talked: string
  readonly live: string
  end(): Promise<void>
}

export const ROLES = {
  support: ['sessions:read', 'sessions:write', 'people:read', 'explain', 'calls:read', 'events:read'],
  operator: [
    'sessions:read',
    'numbers:write',
    'calls:read',
    'metrics:read',
    'events:read',
    'webhooks:read',
    'webhooks:write',
  ],
  admin: ['admin'],
  /** May see nothing but the frame. */
  narrow: ['metrics:read'],
} as const
export type Role = keyof typeof ROLES

/** What breaks out of an attribute or a text that is not escaped, and shows itself then. */
export const HOSTILE = `"'><script>document.title='broken in'</script><img src=x onerror="document.title='broken in'">`

const OWNER = 'a-key-of-the-browser-tests'
/** So that lists look like lists. */
const MORE_SESSIONS = 15

/** The pool. */
export const NUMBERS = Array.from({ length: 12 }, (_, i) => 919_000_000_011 + i)

/** But for the store. */
export const ENVIRONMENT = {
  ...CARRIER,
  M1: '919000000001',
  M2: '919000000002',
  FE: PEOPLE.agent,
  CUSTOMER: PEOPLE.customer,
  MASKING_NUMBERS: NUMBERS.join(','),
  API_KEYS: OWNER,
  API_RATE: '10000',
  EXPLAIN_RATE: '100',
  EVENT_ALLOWED_NETWORKS: '127.0.0.1/32',
}

/** @param text of a business: `HOSTILE`, or another one where it is to be looked at */
export async function createWorld(directory: string, text: string): Promise<World> {
  const ca = join(directory, 'endpoint.pem')
  writeFileSync(ca, CERTIFICATE)
  const endpoint = await startEndpoint()
  const carrier = await startStandIn(NUMBERS.map((number) => rentedNumber(`+${number}`)))
  const service = await startService({
    ...ENVIRONMENT,
    VOBIZ_API_BASE: carrier.base,
    NODE_EXTRA_CA_CERTS: ca,
    STORE_KEY: randomBytes(32).toString('base64'),
  })
  const wire = await startWire(service.url)
  const api = apiOf(service.url, OWNER)
  const { id: webhook } = await api.post<{ id: string }>('/webhooks', {
    url: endpoint.url,
    description: 'the shop',
  })
  return {
    service,
    wire,
    api,
    keys: await makeKeys(api),
    endpoint,
    webhook,
    ...(await fill(service, api, text)),
    async end() {
      await wire.close()
      await service.stop()
      endpoint.close()
      await carrier.close()
    },
  }
}

async function makeKeys(api: Api): Promise<World['keys']> {
  const made = await Promise.all(
    Object.entries(ROLES).map(async ([name, scopes]) => {
      const { key } = await api.post<{ key: string }>('/keys', { name, scopes })
      return [name, key] as const
    }),
  )
  return Object.fromEntries(made) as Record<Role, string>
}

/** Sessions and calls of a day. */
async function fill({ url }: Service, api: Api, text: string) {
  const others = crowd(2 * MORE_SESSIONS)
  for (let i = 0; i < MORE_SESSIONS; i++)
    await open(api, [others[2 * i], others[2 * i + 1]], { external_id: `order-${1_000 + i}` })

  const session = await open(api, [PEOPLE.rider, PEOPLE.driver], {
    external_id: 'ride-42',
    metadata: { vehicle: 'auto', city: 'Pune' },
    call: { greeting: 'We are calling your driver.' },
  })
  const closed = await open(api, [PEOPLE.guest, PEOPLE.host], { external_id: 'stay-7' })
  const hostile = await open(api, [PEOPLE.buyer, PEOPLE.seller], {
    external_id: text,
    metadata: { note: text },
    call: { greeting: text },
  })

  const talked = await dial(url, PEOPLE.rider, dialledBy(session, 0))
  await talked.goesOn('answered')
  await (await dial(url, PEOPLE.driver, dialledBy(session, 1))).goesOn('no-answer')
  await (await dial(url, PEOPLE.rider, dialledBy(session, 0))).goesOn('busy')
  await (await dial(url, PEOPLE.buyer, dialledBy(hostile, 0))).goesOn('declined')
  await dial(url, PEOPLE.stranger, dialledBy(session, 0))
  await (await dial(url, PEOPLE.guest, dialledBy(closed, 0))).goesOn('answered')
  await api.post(`/sessions/${closed.id}/close`, {})
  const inVain = await dial(url, PEOPLE.guest, dialledBy(closed, 0))
  if (inVain.connects) throw new Error('a call to a closed session was connected')
  const live = await dial(url, PEOPLE.agent, '919000000001')
  return { session, closed, hostile, talked: talked.id, live: live.id }
}

function open(
  api: Api,
  people: readonly (string | undefined)[],
  more: Readonly<Record<string, unknown>>,
): Promise<SessionView> {
  return api.post('/sessions', { participants: people.map((number) => ({ number: `+${number}` })), ...more })
}

/** The masking number that one side of a session dials. */
export function dialledBy({ participants }: SessionView, side: 0 | 1): string {
  const { masking_number } = participants[side] as SessionView['participants'][number]
  return masking_number
}
