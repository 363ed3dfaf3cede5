/** What the business was told, and what of that which happened is not in it. */
import { callApi } from '../api.js'
import { realNumbersIn } from '../people.js'
import type { Report } from '../report.js'
import { eventually } from '../topologies/topology.js'
import type { Received } from './endpoints.js'
import type { Acknowledged, Call } from './writing.js'

export const EVENT_LEAK = 'real numbers in an event or a delivery'

export interface TellsOf {
  readonly id: string
  readonly type: string
  /** Milliseconds since 1970. */
  readonly at: number
  readonly data: EventData
}

/** What of an event is looked at. */
interface EventData {
  readonly session_id?: string
  readonly sequence?: number
  readonly expires_at?: string
  readonly changed?: readonly string[]
  readonly call_id?: string
}

/** All that `GET /v1/events` has. */
export async function listedEvents(port: number, report: Report): Promise<TellsOf[]> {
  const events: TellsOf[] = []
  for (let cursor: string | null = ''; cursor !== null; ) {
    const text = await pageOf(port, cursor)
    report.count(EVENT_LEAK, realNumbersIn(text).length)
    const page: { events: Listed[]; next_cursor: string | null } = JSON.parse(text)
    events.push(...page.events.map(({ timestamp, ...event }) => ({ ...event, at: Date.parse(timestamp) })))
    cursor = page.next_cursor
  }
  return events
}

interface Listed extends Omit<TellsOf, 'at'> {
  readonly timestamp: string
}

async function pageOf(port: number, cursor: string): Promise<string> {
  let text = ''
  const path = `/v1/events?order=oldest&limit=200${cursor && `&cursor=${encodeURIComponent(cursor)}`}`
  await eventually('the events are listed', async () => {
    const answered = await callApi(port, 'GET', path)
    text = answered.text
    return answered.status === 200
  })
  return text
}

/** What a delivery tells. */
export function readReceived({ id, body }: Received): TellsOf {
  const { type, timestamp, data } = JSON.parse(body)
  return { id, type, at: Date.parse(timestamp), data }
}

/** Grows with what is told. Whatever is told twice counts once. */
export interface Told {
  add(events: readonly TellsOf[]): void
  hasChange(change: Acknowledged): boolean
  hasCall(call: Call, type: 'call.started' | 'call.ended'): boolean
}

export function createTold(): Told {
  const known = new Set<string>()
  const counts = new Map<string, number>()

  return {
    add(events) {
      for (const event of events.filter(({ id }) => !known.has(id))) {
        known.add(event.id)
        for (const name of namesIn(event)) counts.set(name, (counts.get(name) ?? 0) + 1)
      }
    },
    hasChange: (change) => (counts.get(nameOf(change)) ?? 0) >= (change.replaced?.nth ?? 1),
    hasCall: ({ id }, type) => counts.has(`${id} ${type}`),
  }
}

/** What happened according to an event, so that it can be found. */
function namesIn({ type, data }: TellsOf): string[] {
  if (type !== 'session.changed') return [`${data.call_id ?? data.session_id} ${type}`]
  return (data.changed ?? []).map((part) =>
    part === 'expires_at' ? `${data.session_id} ends ${data.expires_at}` : `${data.session_id} ${part}`,
  )
}

function nameOf({ sessionId, type, expiresAt, replaced }: Acknowledged): string {
  if (expiresAt !== undefined) return `${sessionId} ends ${expiresAt}`
  return replaced ? `${sessionId} participants.${replaced.side}` : `${sessionId} ${type}`
}
