import { fastify } from 'fastify'
import { test } from 'tap'
import config from '../../plugins/config.js'
import { PAIR } from '../fixtures.js'

test('config decorates the app with the typed configuration', async (t) => {
  const app = fastify()
  t.teardown(() => app.close())
  await app.register(config, { environment: { ...PAIR, PORT: '1234' } })
  t.match(app.config, { PORT: 1234, FE: PAIR.FE })
})

test('config refuses to start, and reports all problems at once', async (t) => {
  const app = fastify()
  app.register(config, { environment: { PORT: 'x' } })
  await t.rejects(async () => await app.ready(), { name: 'ConfigError', problems: { length: 2 } })
})

test('config reads nothing but the environment that it is given', async (t) => {
  t.intercept(process, 'env', { value: { ...PAIR, PORT: '1' } })
  const app = fastify()
  app.register(config, { environment: {} })
  await t.rejects(async () => await app.ready(), { name: 'ConfigError' })
})
