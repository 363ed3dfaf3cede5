import type { Entry, Key, Storage } from '../masking/storage.js'
import type { Deliverer } from './deliverer.js'
import { dueOf } from './event-keys.js'
import type { Source } from './source.js'
import type { Webhook, Webhooks } from './webhooks.js'

/** How much of what is to be told waits, and how the endpoints are, for whoever watches the service. */
export interface QueueWatch {
  /** To be called now and then: looks at all queues. */
  look(): Promise<void>
  /** What was seen last; undefined before the first time. */
  readonly seen: QueuesSeen | undefined
}

export interface QueuesSeen {
  /** Records of which something is not in the outbox yet. */
  readonly toTell: Waiting
  /** Deliveries that are due to endpoints that are on. */
  readonly toDeliver: Waiting
  /** How many endpoints there are: that take what they are sent, that fail, and that are off. */
  readonly endpoints: Readonly<Record<'on' | 'failing' | 'off', number>>
}

export interface Waiting {
  /** No more than `MAX_COUNTED` of a queue are counted. */
  readonly count: number
  /** Since when the oldest waits, in milliseconds since 1970; undefined where nothing does. */
  readonly since: number | undefined
}

/** How much of one queue is counted, and at how many entries at once. */
export const MAX_COUNTED = 10_000
const COUNT_STEP = 1_000

export interface QueueWatchOptions {
  readonly storage: Storage
  readonly sources: readonly Pick<Source, 'list'>[]
  readonly webhooks: Pick<Webhooks, 'all'>
  readonly deliverer: Pick<Deliverer, 'failingSince'>
}

export function createQueueWatch({ storage, sources, webhooks, deliverer }: QueueWatchOptions): QueueWatch {
  let seen: QueuesSeen | undefined

  return {
    get seen() {
      return seen
    },
    async look() {
      const all = await webhooks.all()
      const [on, off] = [all.filter(isOn), all.filter((webhook) => !isOn(webhook))]
      const [toTell, toDeliver, since] = await Promise.all([
        waitingIn(sources.map(({ list }) => list)),
        waitingIn(on.map(({ id }) => dueOf(id))),
        deliverer.failingSince(on.map(({ id }) => id)),
      ])
      const failing = since.filter((at) => at !== undefined).length
      seen = { toTell, toDeliver, endpoints: { on: on.length - failing, failing, off: off.length } }
    },
  }

  async function waitingIn(queues: readonly Key[]): Promise<Waiting> {
    const all = await Promise.all(queues.map(dueIn))
    const first = all.flatMap(({ since }) => since ?? [])
    return {
      count: all.reduce((sum, { count }) => sum + count, 0),
      since: first.length > 0 ? Math.min(...first) : undefined,
    }
  }

  async function dueIn(queue: Key): Promise<Waiting> {
    let [count, since, after] = [0, undefined as number | undefined, undefined as Entry | undefined]
    while (count < MAX_COUNTED) {
      const entries = await storage.entries(queue, { order: 'oldest first', after, limit: COUNT_STEP })
      const due = entries.filter(({ at }) => at <= storage.now())
      since ??= due[0]?.at
      count += due.length
      after = due.at(-1)
      if (due.length < COUNT_STEP) break
    }
    return { count, since }
  }
}

function isOn({ off }: Webhook): boolean {
  return off === undefined
}
