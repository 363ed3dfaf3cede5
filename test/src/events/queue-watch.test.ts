import { test } from 'tap'
import { dueOf } from '../../../src/events/event-keys.js'
import { createQueueWatch, MAX_COUNTED } from '../../../src/events/queue-watch.js'
import type { Webhook } from '../../../src/events/webhooks.js'
import type { Key } from '../../../src/masking/storage.js'
import { SECOND, START } from '../../session-store-contract.js'
import { memoryStorage } from '../../store-under-test.js'

const LIST: Key = { kind: 'calls-to-tell', id: 'all' }

function webhook(id: string, off?: Webhook['off']): Webhook {
  return { id, url: 'https://example.com', events: ['*'], createdAt: START, secrets: [], off }
}

function world() {
  const storage = memoryStorage(() => START)
  const webhooks: Webhook[] = []
  const failing = new Map<string, number>()
  const watch = createQueueWatch({
    storage,
    sources: [{ list: LIST }],
    webhooks: { all: async () => webhooks },
    deliverer: { failingSince: async (ids) => ids.map((id) => failing.get(id)) },
  })
  const enlist = (list: Key, id: string, at: number) => storage.enlist(list, { id, at }, Infinity)
  return { storage, webhooks, failing, watch, enlist }
}

test('what waits is counted, with its age: not what is tried again later, nor what is for an endpoint that is off', async (t) => {
  const { webhooks, failing, watch, enlist } = world()
  t.equal(watch.seen, undefined)
  await watch.look()
  const nothing = { count: 0, since: undefined }
  t.same(watch.seen, { toTell: nothing, toDeliver: nothing, endpoints: { on: 0, failing: 0, off: 0 } })

  webhooks.push(webhook('a'), webhook('b'), webhook('c', { why: 'gone', at: START }))
  failing.set('b', START)
  await enlist(LIST, 's_1.x', START - SECOND)
  await enlist(dueOf('a'), 'e1.0', START - 5 * SECOND)
  await enlist(dueOf('b'), 'e1.0', START - 9 * SECOND)
  await enlist(dueOf('b'), 'e2.3', START + SECOND)
  await enlist(dueOf('c'), 'e1.0', START - 99 * SECOND)
  await watch.look()
  t.same(watch.seen, {
    toTell: { count: 1, since: START - SECOND },
    toDeliver: { count: 2, since: START - 9 * SECOND },
    endpoints: { on: 1, failing: 1, off: 1 },
  })
})

test('of one queue only so much is counted', async (t) => {
  const { watch, enlist } = world()
  for (let i = 0; i < MAX_COUNTED + 1; i += 1) await enlist(LIST, `s_${i}`, START - i)
  await watch.look()
  t.equal(watch.seen?.toTell.count, MAX_COUNTED)
  t.equal(watch.seen?.toTell.since, START - MAX_COUNTED)
})
