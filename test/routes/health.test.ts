import { fastify } from 'fastify'
import { test } from 'tap'
import health from '../../routes/health.js'
import type { Config } from '../../src/config/schema.js'
import { VERSION } from '../../src/package-file.js'
import { PAIR } from '../fixtures.js'

test('the probes say whether the process is alive and whether it wants calls', async (t) => {
  let begun = false
  const app = fastify()
  t.teardown(() => app.close())
  app.decorate('config', { ...PAIR } as Config)
  app.decorate('drain', {
    begin() {},
    get begun() {
      return begun
    },
  })
  await app.register(health)

  t.match(await app.inject('/health'), {
    statusCode: 200,
    body: `{"status":"ok","strategy":"two-way-client-hosted","version":"${VERSION}"}`,
  })
  t.match(await app.inject('/health/ready'), { statusCode: 200, body: '{"status":"ready"}' })

  begun = true
  t.match(await app.inject('/health/ready'), { statusCode: 503, body: '{"status":"draining"}' })
  t.match(await app.inject('/health'), { statusCode: 200 }, 'a draining process is still alive')
})
