import { fastify } from 'fastify'
import { test } from 'tap'
import clockPlugin from '../../plugins/clock.js'
import config from '../../plugins/config.js'
import fileStore from '../../plugins/file-store.js'
import maskingNumbers from '../../plugins/masking-numbers.js'
import pool, { POOL_INTERVAL_MS } from '../../plugins/pool.js'
import secrets from '../../plugins/secrets.js'
import sessions, { UPKEEP_INTERVAL_MS } from '../../plugins/sessions.js'
import sharedStore from '../../plugins/shared-store.js'
import storages from '../../plugins/storages.js'
import toTell from '../../plugins/to-tell.js'
import tracing from '../../plugins/tracing.js'
import { createLogger } from '../../src/logger.js'
import { ALL_SESSIONS, recordKey } from '../../src/masking/keys.js'
import { StoreUnavailableError } from '../../src/masking/storage.js'
import { testClock } from '../clocks.js'
import { sessionIn } from '../drafts.js'
import { captured, lines } from '../fixtures.js'
import { API, build } from '../helper.js'
import { meterPlugin } from '../meters.js'
import { person, START } from '../session-store-contract.js'

test('upkeep forgets old sessions, and its timer ends with the app', async (t) => {
  const clock = testClock(START)
  const app = fastify()
  await app.register(config, { environment: API.environment })
  await app.register(clockPlugin, { clock })
  await app.register(meterPlugin())
  await app.register(tracing)
  await app.register(maskingNumbers)
  await app.register(secrets, { environment: {} })
  await app.register(sharedStore)
  await app.register(fileStore)
  await app.register(storages)
  await app.register(toTell)
  await app.register(pool)
  await app.register(sessions)
  const draft = { createdAt: START, expiresAt: START + 60_000, fingerprint: '', allowShortRest: false }
  const session = sessionIn(await app.sessions.create({ ...draft, participants: [person(1), person(2)] }))
  t.same(clock.intervals(), [POOL_INTERVAL_MS, UPKEEP_INTERVAL_MS])

  const { storage } = app.storages
  const isKept = async () => (await storage.read([recordKey(session.id)]))[0] !== undefined
  const listed = () => storage.entries(ALL_SESSIONS, { order: 'newest first', limit: 9 })
  await clock.tick()
  t.ok(await isKept(), 'an open session is kept')
  t.equal((await listed()).length, 1)
  clock.time += 8 * 24 * 60 * 60 * 1_000
  await clock.tick()
  t.notOk(await isKept())
  t.same(await listed(), [])
  await app.close()
  t.same(clock.intervals(), [])
})

test('upkeep never overlaps itself, and its errors are logged', async (t) => {
  const { stream, written } = captured()
  const clock = testClock(START)
  const app = fastify({ loggerInstance: createLogger(stream) })
  t.teardown(() => app.close())
  await app.register(config, { environment: API.environment })
  await app.register(clockPlugin, { clock })
  await app.register(meterPlugin())
  await app.register(tracing)
  await app.register(maskingNumbers)
  await app.register(secrets, { environment: {} })
  await app.register(sharedStore)
  await app.register(fileStore)
  await app.register(storages)
  await app.register(toTell)
  await app.register(pool)
  await app.register(sessions)
  const { tick } = clock
  const before = written()

  let runs = 0
  let end = () => {}
  app.sessions.upkeep = () => {
    runs += 1
    return new Promise((resolve) => {
      end = resolve
    })
  }
  const first = tick()
  await tick()
  t.equal(runs, 1)
  end()
  await first

  app.sessions.upkeep = () => Promise.reject(new StoreUnavailableError())
  await tick()
  t.equal(written(), before, 'a store that does not answer is logged elsewhere')
  app.sessions.upkeep = () => Promise.reject(new TypeError('x'))
  await tick()
  t.match(lines(written().slice(before.length)), [
    { level: 'error', msg: 'upkeep failed', 'exception.type': 'TypeError' },
  ])
})

test('without an API nothing piles up in memory either', async (t) => {
  const clock = testClock(START)
  const { app } = await build(t, {}, clock)
  t.notOk(app.hasDecorator('sessions'))
  const { storage } = app.storages
  const key = { kind: 'pin-tries', id: 'somebody' }
  await storage.swap({ key, was: undefined, value: 1, until: START + 60_000 })
  const count = async () => {
    let found = 0
    for await (const some of storage.all('pin-tries')) found += some.length
    return found
  }
  await clock.tick()
  t.equal(await count(), 1)
  clock.time += 60_000
  await clock.tick()
  t.equal(await count(), 0)
})
