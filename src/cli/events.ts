import type { EventPageView, EventView } from '../api/event-schemas.js'
import { formats } from '../config/rules.js'
import { signedHeaders } from '../events/signing.js'
import { newWebhookSecret } from '../events/webhooks.js'
import { type ApiOptions, readReply } from './api.js'
import { EXIT, type ExitCode, type Io, say, UsageError } from './io.js'

export interface FollowOptions extends ApiOptions {
  readonly type?: string
  readonly session?: string
  readonly since?: string
}

export interface ListenOptions extends FollowOptions {
  readonly forward: string
}

/** Milliseconds from one question for new events to the next. */
export const ASK_MS = 1_000
/** Milliseconds that are looked at again: an event of another instance may come late. */
export const OVERLAP_MS = 10_000
const PAGE = 200
/** Milliseconds that whoever gets an event may take. */
const FORWARD_LIMIT_MS = 10_000

/** Prints events as they happen. */
export function tailEvents(io: Io, options: FollowOptions): Promise<ExitCode> {
  return follow(io, options, async (event) => {
    say(io, options.json ? JSON.stringify(event) : lineOf(event))
  })
}

/** Sends events as they happen to the developer's own machine, signed as they would be to an endpoint. */
export async function listenToEvents(io: Io, options: ListenOptions): Promise<ExitCode> {
  const { forward } = options
  if (!formats['public-base-url'](forward))
    throw new UsageError('--forward takes the URL of a server on this machine, or an https URL')
  const secret = newWebhookSecret()
  say(io, `secret ${secret}`, `Events are sent to ${forward}, until Ctrl+C.`)
  return follow(io, options, async (event) => {
    say(io, `${await forwarded(io, forward, secret, event)} ${lineOf(event)}`)
  })
}

/** What came of it: a status, or a dash. */
async function forwarded(io: Io, url: string, secret: string, event: EventView): Promise<string> {
  const { id, type, timestamp, data } = event
  const body = JSON.stringify({ type, timestamp, data })
  const headers = signedHeaders({ id, at: io.now(), body, secrets: [secret] })
  try {
    const { status } = await io.fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body,
      redirect: 'manual',
      signal: AbortSignal.timeout(FORWARD_LIMIT_MS),
    })
    return String(status)
  } catch {
    return '-'
  }
}

async function follow(
  io: Io,
  options: FollowOptions,
  take: (event: EventView) => Promise<void>,
): Promise<ExitCode> {
  let isOver = false
  void io.untilInterrupted().then(() => {
    isOver = true
  })
  let latest = options.since === undefined ? await newest(io, options) : readTime(options.since)
  if (latest === undefined) return EXIT.failed
  /** What was taken of the time that is looked at again. */
  let seen = new Map<string, number>()
  // What was there at the start is not news.
  let from = latest + (options.since === undefined ? 1 : 0)
  while (!isOver) {
    const events = await eventsFrom(io, options, from)
    if (!events) return EXIT.failed
    for (const event of events) {
      if (isOver || seen.has(event.id)) continue
      const at = Date.parse(event.recorded_at)
      seen.set(event.id, at)
      latest = Math.max(latest, at)
      await take(event)
    }
    const since = Math.max(from, latest - OVERLAP_MS)
    from = since
    seen = new Map([...seen].filter(([, at]) => at >= since))
    await io.sleep(ASK_MS)
  }
  return EXIT.ok
}

/** When the newest event was recorded, in milliseconds since 1970; undefined where the API answered with a problem. */
async function newest(io: Io, options: FollowOptions): Promise<number | undefined> {
  const page = await readReply<EventPageView>(io, options, { method: 'GET', path: '/events?limit=1' })
  if (!page) return undefined
  const [event] = page.events
  return event ? Date.parse(event.recorded_at) : 0
}

async function eventsFrom(io: Io, options: FollowOptions, from: number): Promise<EventView[] | undefined> {
  const { type, session } = options
  const events: EventView[] = []
  let cursor: string | null = null
  do {
    const query = new URLSearchParams({ order: 'oldest', limit: String(PAGE) })
    if (cursor === null) query.set('from', new Date(from).toISOString())
    else query.set('cursor', cursor)
    if (type !== undefined) query.set('type', type)
    if (session !== undefined) query.set('session_id', session)
    const page: EventPageView | undefined = await readReply(io, options, {
      method: 'GET',
      path: `/events?${query}`,
    })
    if (!page) return undefined
    events.push(...page.events)
    cursor = page.next_cursor
  } while (cursor !== null)
  return events
}

function readTime(text: string): number {
  const at = Date.parse(text)
  if (Number.isNaN(at)) throw new UsageError('--since takes a time, such as 2100-01-01T00:00:00Z')
  return at
}

function lineOf({ id, type, timestamp, session_id: session, data }: EventView): string {
  const about = session ?? data.call_id ?? data.webhook_id
  return [timestamp, type, ...(about ? [about] : []), id].join(' ')
}
