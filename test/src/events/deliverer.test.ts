import { test } from 'tap'
import { AT_ONCE, FAILING_MS } from '../../../src/events/deliverer.js'
import { deliveryId } from '../../../src/events/deliveries.js'
import { eventId } from '../../../src/events/event.js'
import { dueOf, FAILING } from '../../../src/events/event-keys.js'
import type { Posted } from '../../../src/events/post.js'
import { JITTER, RETRY_DELAYS_MS, retryDelay } from '../../../src/events/retry-delay.js'
import { MAX_WEBHOOKS } from '../../../src/events/webhooks.js'
import { createLease } from '../../../src/masking/lease.js'
import { type Storage, StoreUnavailableError } from '../../../src/masking/storage.js'
import { testClock } from '../../clocks.js'
import { type Answer, deliveringOver, OK } from '../../delivering.js'
import { onEveryStorage } from '../../every-storage.js'
import { spiedOn } from '../../spied-storage.js'
import { memoryStorage } from '../../store-under-test.js'

const DOWN: Posted = { why: 'connection' }
const idOf = (name: string) => eventId(name, '')
const WHOLE_LIST = { order: 'oldest first', limit: 1_000 } as const

function inMemory(answer: Answer) {
  const clock = testClock()
  const storage = memoryStorage(clock.now)
  return { clock, storage, ...deliveringOver(storage, answer) }
}

const waitingFor = async (storage: Storage, id: string) =>
  (await storage.entries(dueOf(id), WHOLE_LIST)).length

onEveryStorage('each endpoint gets what it wants, once, and what it does not take again', async (t, make) => {
  const clock = testClock()
  const storage = await make(clock.now)
  let isUp = false
  const all = deliveringOver(storage, ({ url }) => (url.includes('wh_b') && !isUp ? DOWN : OK))
  const { add, tell, deliverer, deliveries, sent } = all
  await add('wh_a')
  await add('wh_b', { events: ['session.*'] })
  await add('wh_c', { events: ['call.ended'] })
  await add('wh_d', { off: { why: 'request', at: clock.time } })
  await tell('s_1/1', 's_1/2', 's_2/1')
  await deliverer.deliver()
  t.same(sent.filter(({ url }) => url.includes('wh_a')).length, 3)
  t.same(sent.filter(({ url }) => url.includes('wh_b')).length, 3)
  t.equal(sent.length, 6)
  const failing = await deliveries.list({ limit: 10 })
  t.match(failing.deliveries, Array(3).fill({ state: 'retrying', attempts: 1, why: 'connection' }))
  t.same(await deliverer.failingSince(['wh_a', 'wh_b']), [undefined, clock.time])

  isUp = true
  clock.time += RETRY_DELAYS_MS[0] as number
  await deliverer.deliver()
  t.equal(sent.length, 9)
  t.same((await deliveries.list({ limit: 10 })).deliveries, [])
  t.same(await deliverer.failingSince(['wh_b']), [undefined])
  for (const id of ['wh_a', 'wh_b', 'wh_c', 'wh_d']) t.equal(await waitingFor(storage, id), 0)
  await deliverer.deliver()
  t.equal(sent.length, 9)
  t.match(await deliveries.find(deliveryId('wh_b', idOf('s_1/1'))), {
    state: 'delivered',
    attempts: 2,
    status: 204,
  })
  t.same(all.errors, [])
  await deliverer.stop()
})

test('events of one session go one after the other, and of several beside each other', async (t) => {
  let [now, most] = [0, 0]
  const order: string[] = []
  const { add, tell, deliverer, sent } = inMemory(async ({ id }) => {
    now += 1
    most = Math.max(most, now)
    order.push(id)
    for (let i = 0; i < 5; i += 1) await new Promise((resolve) => setImmediate(resolve))
    now -= 1
    return OK
  })
  await add('wh_a')
  const names = ['s_1/1', 's_1/2', 's_1/3', ...Array.from({ length: 9 }, (_, i) => `t_${i}/1`)]
  for (const name of names) await tell(name)
  await deliverer.deliver()
  t.equal(sent.length, names.length)
  t.equal(most, AT_ONCE)
  const ofOne = ['s_1/1', 's_1/2', 's_1/3'].map(idOf)
  t.same(
    order.filter((id) => ofOne.includes(id)),
    ofOne,
  )
})

test('a slow endpoint holds up no other', async (t) => {
  let finish = () => undefined as undefined
  const hanging = new Promise<Posted>((resolve) => {
    finish = () => void resolve(OK) as undefined
  })
  const { add, tell, deliverer, sent } = inMemory(({ url }) => (url.includes('wh_slow') ? hanging : OK))
  await add('wh_slow')
  await add('wh_fast')
  await tell('s_1/1')
  const first = deliverer.deliver()
  while (sent.length < 2) await new Promise((resolve) => setImmediate(resolve))
  await tell('s_1/2')
  void deliverer.deliver()
  while (sent.length < 3) await new Promise((resolve) => setImmediate(resolve))
  t.match(sent[2], { url: 'https://wh_fast.test/', id: idOf('s_1/2') })
  finish()
  await first
  t.equal(sent.length, 4)
})

test('however many endpoints hang, no other waits for them', async (t) => {
  let finish = () => undefined as undefined
  const hanging = new Promise<Posted>((resolve) => {
    finish = () => void resolve(OK) as undefined
  })
  const { add, tell, deliverer, sent } = inMemory(({ url }) => (url.includes('wh_slow') ? hanging : OK))
  const slow = MAX_WEBHOOKS - 1
  for (let i = 0; i < slow; i += 1) await add(`wh_slow${i}`)
  await add('wh_fast')
  const names = Array.from({ length: AT_ONCE + 1 }, (_, i) => `s_${i}/1`)
  for (const name of names) await tell(name)
  const first = deliverer.deliver()
  const fast = () => sent.filter(({ url }) => url.includes('wh_fast'))
  for (let i = 0; i < 1_000 && fast().length < names.length; i += 1)
    await new Promise((resolve) => setImmediate(resolve))
  t.equal(fast().length, names.length)
  t.equal(sent.length, names.length + slow * AT_ONCE, 'and each has a bound of its own')
  finish()
  await first
  t.equal(sent.length, MAX_WEBHOOKS * names.length)
})

test('the second URL gets what the first one did not take', async (t) => {
  const { add, tell, deliverer, deliveries, sent, storage } = inMemory(({ url }) =>
    url.includes('second') ? OK : { status: 500 },
  )
  await add('wh_a', { fallbackUrl: 'https://second.test/' })
  await tell('s_1/1')
  await deliverer.deliver()
  t.same(
    sent.map(({ url }) => url),
    ['https://wh_a.test/', 'https://second.test/'],
  )
  t.match(await deliveries.find(deliveryId('wh_a', idOf('s_1/1'))), { state: 'delivered', byFallback: true })
  t.equal(await waitingFor(storage, 'wh_a'), 0)

  const none = inMemory(() => ({ status: 503 }))
  await none.add('wh_a', { fallbackUrl: 'https://second.test/' })
  await none.tell('s_1/1')
  await none.deliverer.deliver()
  t.match(await none.deliveries.find(deliveryId('wh_a', idOf('s_1/1'))), { state: 'retrying', status: 503 })
})

test('what is not taken is tried again for three days, and then listed as failed', async (t) => {
  const { add, tell, deliverer, deliveries, sent, clock, storage, webhooks } = inMemory(({ id }) =>
    id === idOf('s_1/1') ? { status: 500 } : OK,
  )
  await add('wh_a')
  await tell('s_1/1')
  await deliverer.deliver()
  const begun = clock.time
  for (const delay of RETRY_DELAYS_MS) {
    clock.time += delay - 1
    // Something else is taken in between: the endpoint is not switched off.
    await tell(`s_2/${clock.time}`)
    await deliverer.deliver()
    clock.time += 1
    await deliverer.deliver()
  }
  t.equal(sent.filter(({ id }) => id === idOf('s_1/1')).length, RETRY_DELAYS_MS.length + 1)
  t.ok(clock.time - begun <= 3 * 24 * 60 * 60 * 1_000)
  t.equal(await waitingFor(storage, 'wh_a'), 0)
  const { deliveries: failed } = await deliveries.list({ state: 'failed', limit: 9 })
  t.match(failed, [{ id: deliveryId('wh_a', idOf('s_1/1')), state: 'failed', attempts: 9, status: 500 }])
  t.same((await deliveries.list({ state: 'retrying', limit: 9 })).deliveries, [])
  t.same((await deliveries.list({ webhookId: 'wh_b', limit: 9 })).deliveries, [])
  t.notOk((await webhooks.find('wh_a'))?.off)

  clock.time += 7 * 24 * 60 * 60 * 1_000
  await deliveries.sweep()
  t.same(await storage.entries(FAILING, WHOLE_LIST), [], 'it is forgotten with its event')
})

test('what failed together does not come together again', async (t) => {
  t.equal(
    retryDelay(0, () => 0),
    5_000,
  )
  t.equal(
    retryDelay(0, () => 1),
    5_000 * (1 + JITTER),
  )
  t.equal(
    retryDelay(RETRY_DELAYS_MS.length, () => 0),
    undefined,
  )
})

test('an endpoint that is gone is switched off, and what waits for it stays', async (t) => {
  const { add, tell, deliverer, sent, clock, storage, webhooks, switchedOff } = inMemory(() => ({
    status: 410,
  }))
  await add('wh_a')
  await tell('s_1/1', 's_2/1')
  await deliverer.deliver()
  t.same(switchedOff, ['wh_a gone'])
  t.match((await webhooks.find('wh_a'))?.off, { why: 'gone', at: clock.time })
  const before = sent.length
  clock.time += 60 * 60 * 1_000
  await tell('s_3/1')
  await deliverer.deliver()
  t.equal(sent.length, before)
  t.equal(await waitingFor(storage, 'wh_a'), 2)
})

test('an endpoint that fails for a day is switched off', async (t) => {
  const { add, tell, deliverer, clock, webhooks, switchedOff } = inMemory(() => DOWN)
  await add('wh_a')
  for (let hour = 0; hour <= 24; hour += 1) {
    t.same(switchedOff, [], `after ${hour} hours`)
    await tell(`s_${hour}/1`)
    await deliverer.deliver()
    clock.time += FAILING_MS / 24
  }
  t.same(switchedOff, ['wh_a failing'])
  t.match((await webhooks.find('wh_a'))?.off, { why: 'failing' })
})

test('an event that is no more is not sent, and its place in the queue is free', async (t) => {
  const { add, tell, deliverer, outbox, sent, storage, attempts } = inMemory(() => OK)
  await add('wh_a')
  await tell('s_1/1', 's_2/1')
  await outbox.forget('s_1')
  await deliverer.deliver()
  t.same(
    sent.map(({ id }) => id),
    [idOf('s_2/1')],
  )
  t.same(attempts.toSorted(), ['delivered', 'dropped'])
  t.equal(await waitingFor(storage, 'wh_a'), 0)
})

test('an event is sent again when it is asked for, and what was planned before does not count', async (t) => {
  let answer: Posted = DOWN
  const { add, tell, deliverer, deliveries, outbox, sent, clock, storage } = inMemory(() => answer)
  await add('wh_a')
  await tell('s_1/1')
  await deliverer.deliver()
  answer = OK
  const event = await outbox.find(idOf('s_1/1'))
  for (const _ of [1, 2]) if (event) await deliveries.again('wh_a', event)
  await deliverer.deliver()
  clock.time += RETRY_DELAYS_MS[0] as number
  await deliverer.deliver()
  t.equal(sent.length, 2)
  if (event) await deliveries.again('wh_a', event)
  await deliverer.deliver()
  t.equal(sent.length, 3, 'also one that was taken')
  t.equal(await waitingFor(storage, 'wh_a'), 0)
  await tell('s_9/1')
  await deliveries.forget('wh_a')
  t.equal(await waitingFor(storage, 'wh_a'), 0)
})

test('one instance sends to an endpoint, and another goes on when it is gone', async (t) => {
  const { clock, storage, add, tell, deliverer, sent } = inMemory(() => OK)
  const other = deliveringOver(storage, () => OK)
  await add('wh_a')
  await tell('s_1/1')
  await deliverer.deliver()
  await tell('s_1/2')
  await other.deliverer.deliver()
  t.equal(other.sent.length, 0)
  await deliverer.stop()
  await deliverer.deliver()
  t.equal(sent.length, 1)
  await other.deliverer.deliver()
  t.equal(other.sent.length, 1, 'one that stops leaves it at once')

  await tell('s_1/3')
  const third = deliveringOver(storage, () => OK)
  await third.deliverer.deliver()
  t.equal(third.sent.length, 0)
  clock.time += 60_000
  await third.deliverer.deliver()
  t.equal(third.sent.length, 1, 'and one that died, a minute later')
})

test('whoever is overtaken by another instance sends nothing more', async (t) => {
  const { clock, storage, add, tell, deliverer, sent } = inMemory(async () => {
    clock.time += 61_000
    await createLease(storage, { kind: 'webhook-lease', id: 'wh_a' }, 60_000).take()
    return OK
  })
  await add('wh_a')
  await tell('s_1/1', 's_1/2')
  await deliverer.deliver()
  t.equal(sent.length, 1)
  t.equal(await waitingFor(storage, 'wh_a'), 1)
})

test('whoever takes long keeps what it sends to', async (t) => {
  const { clock, storage, add, tell, deliverer, sent } = inMemory(() => {
    clock.time += 20_000
    return OK
  })
  const other = deliveringOver(storage, () => OK)
  await add('wh_a')
  await tell(...Array.from({ length: 5 }, (_, i) => `s_1/${i}`))
  await deliverer.deliver()
  t.equal(sent.length, 5)
  await tell('s_1/9')
  await other.deliverer.deliver()
  t.equal(other.sent.length, 0)
})

test('cut off at any step, everything is sent at least once, and nothing waits for ever', async (t) => {
  const takes = (n: number): Answer => {
    let asked = 0
    return () => {
      asked += 1
      return asked === n ? DOWN : OK
    }
  }
  for (const when of ['before', 'after'] as const) {
    for (let nth = 1; ; nth += 1) {
      const clock = testClock()
      const storage = memoryStorage(clock.now)
      const sound = deliveringOver(storage, () => OK)
      await sound.add('wh_a')
      let asked = 0
      const cut = spiedOn(storage, async (_operation, run) => {
        asked += 1
        if (asked < nth) return run()
        if (asked === nth && when === 'after') await run()
        throw new StoreUnavailableError()
      })
      await sound.tell('s_1/1', 's_1/2', 's_2/1')
      const dying = deliveringOver(cut, takes(2))
      await dying.deliverer.deliver()
      if (asked < nth) break
      for (let round = 0; round < 3; round += 1) {
        clock.time += 60_000
        await sound.deliverer.deliver()
      }
      const got = new Set(
        [...dying.sent.slice(0, 1), ...dying.sent.slice(2), ...sound.sent].map(({ id }) => id),
      )
      t.equal(got.size, 3, `${when} ${nth}`)
      t.equal(await waitingFor(storage, 'wh_a'), 0, `${when} ${nth}`)
      t.same([...dying.errors, ...sound.errors], [])
    }
  }
})

test('a mistake of ours is told, and a store that is down is not', async (t) => {
  const { add, tell, deliverer, errors, webhooks } = inMemory(() => {
    throw new TypeError('a mistake of ours')
  })
  await add('wh_a')
  await tell('s_1/1')
  await deliverer.deliver()
  t.match(errors, [TypeError])
  webhooks.all = () => Promise.reject(new StoreUnavailableError())
  await deliverer.deliver()
  t.equal(errors.length, 1)
})

test('a day of traffic leaves nothing that grows', async (t) => {
  let n = 0
  const { add, tell, deliverer, outbox, deliveries, sent, clock, storage } = inMemory(() => {
    n += 1
    return n % 50 === 0 ? DOWN : OK
  })
  await add('wh_a')
  await add('wh_b')
  const sizes: number[] = []
  const MINUTE = 60_000
  for (let minute = 0; minute < 24 * 60; minute += 1) {
    await tell(`s_${minute}/1`, `s_${minute}/2`)
    clock.time += MINUTE
    await deliverer.deliver()
    if (minute % 240 === 239) sizes.push(await waitingFor(storage, 'wh_a'))
  }
  t.ok(Math.max(...sizes) < 10, `${sizes}`)
  clock.time += RETRY_DELAYS_MS[1] as number
  for (let i = 0; i < 5; i += 1) {
    clock.time += 30 * MINUTE
    await deliverer.deliver()
  }
  t.equal(new Set(sent.filter(({ url }) => url.includes('wh_a')).map(({ id }) => id)).size, 2 * 24 * 60)
  for (const id of ['wh_a', 'wh_b']) t.equal(await waitingFor(storage, id), 0)
  t.same((await deliveries.list({ limit: 100 })).deliveries, [])
  clock.time += 8 * 24 * 60 * MINUTE
  for (let i = 0; i < 5; i += 1) {
    await outbox.sweep()
    await deliveries.sweep()
    await storage.upkeep()
  }
  for (const kind of ['event', 'delivery'])
    for await (const found of storage.all(kind)) t.equal(found.length, 0, kind)
  t.same(await storage.entries({ kind: 'events', id: 'all' }, WHOLE_LIST), [])
})

test('an endpoint that is removed just then gets nothing', async (t) => {
  const { add, tell, deliverer, webhooks, sent } = inMemory(() => OK)
  await add('wh_a')
  await tell('s_1/1')
  webhooks.find = async () => undefined
  await deliverer.deliver()
  t.equal(sent.length, 0)
})
