import { fastify } from 'fastify'
import { test } from 'tap'
import config from '../../plugins/config.js'
import mappingStore from '../../plugins/mapping-store.js'
import { PAIR } from '../fixtures.js'

test('mapping-store is filled from the configuration', async (t) => {
  const app = fastify()
  t.teardown(() => app.close())
  await app.register(config, { environment: PAIR })
  await app.register(mappingStore)

  const dialled = app.mappings.findMaskingNumber({ digits: PAIR.M1, international: true })
  if (!dialled) return t.fail('M1 is not a masking number')
  const leg = await app.mappings.findLeg(dialled, { digits: PAIR.FE, international: true })
  t.match(leg, { destination: { dialable: PAIR.CUSTOMER }, callerIdShown: { dialable: PAIR.M2 } })
})

test('mapping-store wants the configuration first', async (t) => {
  const app = fastify()
  app.register(mappingStore)
  await t.rejects(async () => await app.ready(), { message: /dependency 'config'/ })
})
