import { test } from 'tap'
import { SWEEP_INTERVAL_MS } from '../../plugins/retention.js'
import { bookKey } from '../../src/masking/keys.js'
import { StoreUnavailableError } from '../../src/masking/storage.js'
import { testClock } from '../clocks.js'
import { lines } from '../fixtures.js'
import { API, build } from '../helper.js'
import { DAY, person, START, whole } from '../session-store-contract.js'

test('a running service forgets what is past its time, and goes on when the store fails', async (t) => {
  const clock = testClock(START)
  const { app, logged } = await build(t, { ...API.environment, SESSION_RETENTION: '86400' }, clock)
  const { storage } = app.storages
  const base = { createdAt: START, fingerprint: '', allowShortRest: false }
  const open = (one: number, other: number, expiresAt: number) =>
    app.sessions.create({ ...base, participants: [person(one), person(other)], expiresAt })
  const first = await open(1, 2, START + DAY)
  if ('session' in first) await app.sessions.close(first.session.id)
  await open(2, 3, START + 90 * DAY)
  const isKept = async () => {
    const [kept] = await storage.read([bookKey(whole(person(2)))])
    return JSON.stringify(kept?.value).includes(whole(person(1)))
  }
  t.ok(await isKept())
  clock.time += DAY
  const { swap } = storage
  storage.swap = () => Promise.reject(new StoreUnavailableError())
  for (let i = 0; i < 4; i += 1) await clock.tick(SWEEP_INTERVAL_MS)
  t.ok(await isKept())
  storage.swap = swap
  for (let i = 0; i < 4; i += 1) await clock.tick(SWEEP_INTERVAL_MS)
  t.notOk(await isKept())
  t.notMatch(logged(), /past its time failed/)
})

test('a sweep that takes long is not joined by another one, and a mistake in it is told of', async (t) => {
  const clock = testClock(START)
  const { app, logged } = await build(t, API.environment, clock)
  const { storage } = app.storages
  let reads = 0
  let fail: (error: Error) => void = () => t.fail('nothing was read')
  storage.read = () => {
    reads += 1
    return new Promise((_, reject) => {
      fail = reject
    })
  }
  const first = clock.tick(SWEEP_INTERVAL_MS)
  const asked = reads
  t.ok(asked > 0)
  await clock.tick(SWEEP_INTERVAL_MS)
  t.equal(reads, asked, 'nothing more is asked')

  fail(new TypeError('a mistake of ours'))
  await first
  t.match(lines(logged()), [
    { level: 'error', msg: 'forgetting what is past its time failed', 'exception.type': 'TypeError' },
  ])
  void clock.tick(SWEEP_INTERVAL_MS)
  t.ok(reads > asked, 'and the next one begins')
})
