import { fastify } from 'fastify'
import { test } from 'tap'
import clockPlugin from '../../plugins/clock.js'
import config from '../../plugins/config.js'
import legLookup from '../../plugins/leg-lookup.js'
import maskingNumbers from '../../plugins/masking-numbers.js'
import secrets from '../../plugins/secrets.js'
import sessions from '../../plugins/sessions.js'
import sharedStore from '../../plugins/shared-store.js'
import { systemClock } from '../../src/clock.js'
import { PAIR } from '../fixtures.js'

test('leg-lookup is filled from the configuration', async (t) => {
  for (const environment of [PAIR, { MASKING_NUMBERS: PAIR.M1 }]) {
    const app = fastify()
    t.teardown(() => app.close())
    await app.register(config, { environment })
    await app.register(clockPlugin, { clock: systemClock })
    await app.register(maskingNumbers)
    await app.register(secrets, { environment: {} })
    await app.register(sharedStore)
    await app.register(sessions)
    await app.register(legLookup)

    const dialled = app.legs.findMaskingNumber({ digits: PAIR.M1, international: true })
    if (!dialled) return t.fail('M1 is not a masking number')
    const found = await app.legs.findLeg(dialled, { digits: PAIR.FE, international: true })
    t.same(found?.kind, environment === PAIR ? 'open' : undefined)
  }
})

test('leg-lookup needs the masking numbers first', async (t) => {
  const app = fastify()
  app.register(legLookup)
  await t.rejects(async () => await app.ready(), { message: /dependency 'masking-numbers'/ })
})
