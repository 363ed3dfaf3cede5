import { createGate } from '../masking/gate.js'
import { createLease, type Lease } from '../masking/lease.js'
import { type Entry, type Storage, StoreUnavailableError } from '../masking/storage.js'
import { type Deliveries, deliveryId, deliveryIn, dueEntry, readDue } from './deliveries.js'
import { eventBody, inTime, type ListedEvent } from './event.js'
import { dueOf, FAILING, healthKey } from './event-keys.js'
import type { Outbox } from './outbox.js'
import type { Post, Posted } from './post.js'
import { retryDelay } from './retry-delay.js'
import { signedHeaders } from './signing.js'
import { type OffReason, signingSecrets, type Webhook, type Webhooks } from './webhooks.js'

/** Sends events to the endpoints: of each endpoint one instance at a time, and no endpoint waits for another. */
export interface Deliverer {
  /** Sends all that is due. To be called every second, and when something was put into the outbox. It never rejects. */
  deliver(): Promise<void>
  /** Sends something at once, once, to the first URL, and says what came of it. */
  send(webhook: Webhook, id: string, body: string): Promise<Posted>
  /** Since when endpoints fail, in milliseconds since 1970, in their order. */
  failingSince(ids: readonly string[]): Promise<readonly (number | undefined)[]>
  /** Resolves when nothing is being sent, and leaves the endpoints to other instances. */
  stop(): Promise<void>
}

/** What came of one attempt. */
export type Attempted = 'delivered' | 'retrying' | 'failed' | 'dropped'

export interface DelivererOptions {
  readonly storage: Storage
  readonly webhooks: Pick<Webhooks, 'all' | 'find' | 'change'>
  readonly outbox: Pick<Outbox, 'find'>
  readonly deliveries: Deliveries
  readonly post: Post
  /** From 0 to 1. */
  readonly random: () => number
  /** Told of an endpoint that is switched off. */
  readonly onOff: (webhook: Webhook, why: OffReason) => Promise<void>
  /** Told of each attempt. */
  readonly onAttempt: (outcome: Attempted) => void
  /** Told of an error that is no failure of the store. */
  readonly onError: (error: unknown) => void
}

/** How much of a queue is taken at once, and how much of it is under way at once: over all of them it would let one wait for another. */
export const DELIVER_STEP = 32
export const AT_ONCE = 4
/** Milliseconds of failing, after which an endpoint is switched off. */
export const FAILING_MS = 24 * 60 * 60 * 1_000
/** Milliseconds after which another instance goes on for one that has gone, and after which it is taken again. */
const LEASE_MS = 60_000
const RENEW_MS = 15_000

/** An endpoint while something is sent to it. */
interface Run {
  readonly webhook: Webhook
  readonly lease: Lease
  leasedAt: number
  failingSince: number | undefined
  isOver: boolean
}

export function createDeliverer(options: DelivererOptions): Deliverer {
  const { storage, webhooks, outbox, deliveries, post, random, onOff, onAttempt, onError } = options
  const leases = new Map<string, Lease>()
  const running = new Map<string, Promise<void>>()
  let isStopped = false

  return {
    async deliver() {
      try {
        const on = isStopped ? [] : (await webhooks.all()).filter(({ off }) => !off)
        await Promise.all(on.map(runOf))
      } catch (error) {
        report(error)
      }
    },
    send: (webhook, id, body) => postTo(webhook, webhook.url, id, body),
    async failingSince(ids) {
      const kept = await storage.read(ids.map(healthKey))
      return kept.map((health) => health?.value as number | undefined)
    },
    async stop() {
      isStopped = true
      await Promise.all(running.values())
      await Promise.all([...leases.values()].map((lease) => lease.release())).catch(report)
    },
  }

  /** One at a time for each endpoint. */
  function runOf({ id }: Webhook): Promise<void> {
    const known = running.get(id)
    if (known) return known
    const run = deliverAll(id)
      .catch(report)
      .finally(() => running.delete(id))
    running.set(id, run)
    return run
  }

  function report(error: unknown): void {
    if (!(error instanceof StoreUnavailableError)) onError(error)
  }

  async function deliverAll(id: string): Promise<void> {
    while (!isStopped) {
      const entries = await storage.entries(dueOf(id), { order: 'oldest first', limit: DELIVER_STEP })
      const due = entries.filter(({ at }) => at <= storage.now())
      const lease = leases.get(id) ?? createLease(storage, { kind: 'webhook-lease', id }, LEASE_MS)
      leases.set(id, lease)
      if (due.length === 0 || !(await lease.take())) return
      const webhook = await webhooks.find(id)
      if (!webhook || webhook.off) return
      const [health] = await storage.read([healthKey(id)])
      const failingSince = health?.value as number | undefined
      const run: Run = { webhook, lease, leasedAt: storage.now(), failingSince, isOver: false }
      await deliverPiece(run, due)
      if (run.isOver) return
    }
  }

  /** What is about one session goes one after the other, so that it is told in its order, and the rest beside it. */
  async function deliverPiece(run: Run, due: readonly Entry[]): Promise<void> {
    const events = await Promise.all(due.map((entry) => outbox.find(readDue(entry).eventId)))
    const lanes = new Map<string, Sending[]>()
    for (const [i, entry] of due.entries()) {
      const event = events[i]
      if (!event) {
        // Its time is over, or it was erased.
        await storage.delist(dueOf(run.webhook.id), [entry])
        onAttempt('dropped')
        continue
      }
      const about = event.sessionId ?? event.id
      lanes.set(about, [...(lanes.get(about) ?? []), { entry, event }])
    }
    const ofThisOne = createGate(AT_ONCE)
    const sendLane = async (lane: readonly Sending[]) => {
      for (const sending of lane.toSorted((one, other) => inTime(one.event, other.event))) {
        if (run.isOver || isStopped) return
        await attempt(run, sending)
      }
    }
    await Promise.all([...lanes.values()].map((lane) => ofThisOne(() => sendLane(lane))))
  }

  async function attempt(run: Run, { entry, event }: Sending): Promise<void> {
    const { webhook } = run
    const { attempts } = readDue(entry)
    const id = deliveryId(webhook.id, event.id)
    const was = await deliveries.read(id)
    const before = deliveryIn(was)
    const isStale = (before?.attempts ?? 0) !== attempts || before?.state === 'delivered'
    if (isStale) return storage.delist(dueOf(webhook.id), [entry])
    if (!(await isStillOurs(run))) return

    const { posted, byFallback } = await postEvent(webhook, event)
    const lastAt = storage.now()
    const tried = { attempts: attempts + 1, listedAt: event.listedAt, lastAt, ...posted }
    if (isSuccess(posted)) {
      await deliveries.write(id, was, { ...tried, state: 'delivered', ...(byFallback && { byFallback }) })
      if (before) await storage.delist(FAILING, [{ id, at: event.listedAt }])
      await storage.delist(dueOf(webhook.id), [entry])
      onAttempt('delivered')
      return noteSuccess(run)
    }

    const delay = retryDelay(attempts, random)
    const nextAt = delay === undefined ? undefined : lastAt + delay
    // What is to be done next is listed first, so that a crash in between forgets nothing.
    await storage.enlist(FAILING, { id, at: event.listedAt }, Infinity)
    if (nextAt !== undefined)
      await storage.enlist(dueOf(webhook.id), dueEntry(event.id, attempts + 1, nextAt), Infinity)
    const state = nextAt === undefined ? 'failed' : 'retrying'
    await deliveries.write(id, was, { ...tried, state, ...(nextAt !== undefined && { nextAt }) })
    await storage.delist(dueOf(webhook.id), [entry])
    onAttempt(state)
    await noteFailure(run, posted)
  }

  /** Whoever was overtaken by another instance leaves the rest to it. */
  async function isStillOurs(run: Run): Promise<boolean> {
    if (storage.now() - run.leasedAt < RENEW_MS) return true
    run.leasedAt = storage.now()
    if (!(await run.lease.take())) run.isOver = true
    return !run.isOver
  }

  async function postEvent(webhook: Webhook, event: ListedEvent): Promise<Sent> {
    const { id } = event
    const body = eventBody(event)
    const posted = await postTo(webhook, webhook.url, id, body)
    if (isSuccess(posted) || webhook.fallbackUrl === undefined) return { posted }
    const second = await postTo(webhook, webhook.fallbackUrl, id, body)
    return isSuccess(second) ? { posted: second, byFallback: true } : { posted }
  }

  function postTo(webhook: Webhook, url: string, id: string, body: string): Promise<Posted> {
    const at = storage.now()
    const secrets = signingSecrets(webhook, at).map(({ secret }) => secret)
    return post(url, signedHeaders({ id, at, body, secrets }), body)
  }

  async function noteSuccess(run: Run): Promise<void> {
    if (run.failingSince === undefined) return
    run.failingSince = undefined
    await writeHealth(run.webhook.id, undefined)
  }

  async function noteFailure(run: Run, posted: Posted): Promise<void> {
    const { id } = run.webhook
    if (run.failingSince === undefined) {
      run.failingSince = storage.now()
      await writeHealth(id, run.failingSince)
    }
    const isGone = 'status' in posted && posted.status === GONE
    if (isGone) return switchOff(run, 'gone')
    if (storage.now() - run.failingSince >= FAILING_MS) await switchOff(run, 'failing')
  }

  async function switchOff(run: Run, why: OffReason): Promise<void> {
    if (run.isOver) return
    run.isOver = true
    const at = storage.now()
    const { id } = run.webhook
    const off = await webhooks.change(id, (webhook) => ({ ...webhook, off: webhook.off ?? { why, at } }))
    await writeHealth(id, undefined)
    if (off) await onOff(off, why)
  }

  async function writeHealth(id: string, value: number | undefined): Promise<void> {
    const [was] = await storage.read([healthKey(id)])
    await storage.swap({ key: healthKey(id), was, value, until: Infinity })
  }
}

/** Of an endpoint that wants nothing any more. */
const GONE = 410

interface Sending {
  readonly entry: Entry
  readonly event: ListedEvent
}

interface Sent {
  readonly posted: Posted
  readonly byFallback?: true
}

export function isSuccess(posted: Posted): boolean {
  return 'status' in posted && posted.status >= 200 && posted.status < 300
}
