import { fastify } from 'fastify'
import { test } from 'tap'
import legLookup from '../../plugins/leg-lookup.js'
import { PAIR } from '../fixtures.js'
import { build } from '../helper.js'

test('leg-lookup is filled from the configuration', async (t) => {
  for (const environment of [PAIR, { M1: '', M2: '', FE: '', CUSTOMER: '', MASKING_NUMBERS: PAIR.M1 }]) {
    const { app } = await build(t, environment)
    const dialled = await app.legs.findMaskingNumber({ digits: PAIR.M1, international: true })
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
