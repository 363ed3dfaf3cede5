import { instanceAccess } from '../checkup/call-api.js'
import { EXIT, type ExitCode, type Io, say, sayJson, UsageError } from './io.js'
import { labelled } from './layout.js'
import { readScrape, type Series } from './scrape.js'
import { type Quantiles, type Rates, type TopView, viewOf } from './top-view.js'

export interface TopOptions {
  /** The instances, by default the local one. */
  readonly url?: readonly string[]
  /** Seconds between two looks. */
  readonly interval: number
  readonly once?: boolean
  readonly json?: boolean
}

/** Milliseconds after which an instance counts as one that does not answer. */
const PATIENCE_MS = 5_000

/** Shows what instances do, again and again until it is interrupted. Code 1 where one of them did not answer at last. */
export async function top(io: Io, { url, interval, once, json }: TopOptions): Promise<ExitCode> {
  const instances = (url ?? [undefined]).map((one) => instanceAccess(io, one))
  const look = async () => ({
    at: io.now(),
    scrapes: await Promise.all(instances.map((one) => scrape(io, one))),
  })
  let isOver = once === true
  const over = isOver
    ? undefined
    : io.untilInterrupted().then(() => {
        isOver = true
      })
  let before = await look()
  for (;;) {
    const waited = io.sleep(interval * 1_000)
    await (over ? Promise.race([waited, over]) : waited)
    const now = await look()
    const watched = instances.map(({ base }, i) => ({
      url: base,
      before: before.scrapes[i],
      now: now.scrapes[i],
    }))
    const seconds = Math.max(now.at - before.at, 1) / 1_000
    show(viewOf(watched, seconds))
    if (isOver) return now.scrapes.includes(undefined) ? EXIT.failed : EXIT.ok
    before = now
  }

  function show(view: TopView): void {
    if (json) {
      sayJson(io, view)
      return
    }
    if (!once) io.clear()
    say(io, ...topLines(view))
  }
}

/** What an instance says. Undefined where it does not answer. */
async function scrape(
  io: Io,
  { base, key }: ReturnType<typeof instanceAccess>,
): Promise<Series[] | undefined> {
  const reply = await io
    .fetch(`${base}/metrics`, {
      headers: { authorization: `Bearer ${key}`, accept: 'text/plain' },
      redirect: 'manual',
      signal: AbortSignal.timeout(PATIENCE_MS),
    })
    .catch(() => undefined)
  if (!reply) return undefined
  if (reply.status !== 200) throw new UsageError(REFUSALS[reply.status] ?? unknownReply(reply.status))
  return readScrape(await reply.text())
}

const REFUSALS: Readonly<Record<number, string>> = {
  401: 'the instance does not know the key of API_KEYS',
  403: 'the key of API_KEYS may not read metrics: make one with the scope metrics:read',
  404: 'there are no metrics: --url must lead to ADMIN_PORT where there is one, and METRICS may not be off',
}

function unknownReply(status: number): string {
  return `the instance does not tell its metrics (status ${status}): check --url and what stands before the service`
}

export function topLines({ instances, calls, pool, store, events, api, process }: TopView): string[] {
  const down = instances.filter(({ up }) => !up).map(({ url }) => url)
  const versions = [...new Set(instances.flatMap(({ version }) => version ?? []))]
  return labelled({
    instances: [
      `${instances.length - down.length} of ${instances.length} answer`,
      ...(versions.length > 0 ? [`version ${versions.join(' and ')}`] : []),
      ...(down.length > 0 ? [`not ${down.join(', ')}`] : []),
    ].join('; '),
    calls: [`${calls.per_second} a second`, ...ratesText(calls.outcomes)].join('; '),
    refused: ratesText(calls.refusals).join(),
    answers: quantilesText(calls.answer_ms),
    troubles: ratesText(calls.troubles).join(),
    pool: [
      `${pool.active ?? '?'} numbers, and ${pool.draining ?? '?'} draining`,
      `${pool.sessions_open ?? '?'} sessions open`,
      `head-room ${pool.head_room ?? '?'}`,
    ].join('; '),
    store: [
      `${store.kind ?? '?'} is ${store.up ? 'up' : 'down'}`,
      `${store.operations_per_second} operations a second`,
      ...(store.failures_per_second > 0 ? [`${store.failures_per_second} failures a second`] : []),
      ...[quantilesText(store.operation_ms)].flatMap((text) => text ?? []),
      ...(store.unconfirmed > 0 ? [`${store.unconfirmed} changes without a replica`] : []),
    ].join('; '),
    events: [
      `${events.to_tell ?? '?'} to tell, and ${events.to_deliver ?? '?'} to deliver`,
      ...(events.oldest_waiting_seconds
        ? [`the oldest has waited for ${Math.round(events.oldest_waiting_seconds)} seconds`]
        : []),
      ...(events.dropped > 0 ? [`${events.dropped} dropped`] : []),
    ].join('; '),
    sent: ratesText(events.deliveries).join(),
    endpoints: `${events.endpoints_on ?? '?'} on, ${events.endpoints_failing ?? '?'} failing, ${events.endpoints_off ?? '?'} off`,
    API: `${api.per_second} requests a second; ${api.rate_limited_per_second} refused as too many`,
    process: [
      `${process.cpu} processors`,
      `${Math.round(process.memory_bytes / 1_000_000)} MB`,
      ...[process.event_loop_lag_ms.p99].flatMap((ms) =>
        ms === null ? [] : `held up for ${ms} ms (99 of 100)`,
      ),
    ].join('; '),
  })
}

function ratesText(rates: Rates): string[] {
  const texts = Object.entries(rates).map(([name, rate]) => `${rate} ${name}`)
  return texts.length > 0 ? [texts.join(', ')] : []
}

function quantilesText({ p50, p99 }: Quantiles): string | undefined {
  return p50 === null ? undefined : `half within ${p50} ms, 99 of 100 within ${p99} ms`
}
