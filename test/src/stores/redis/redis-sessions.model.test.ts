import { test } from 'tap'
import { buildApp } from '../../../../src/app.js'
import { createLogger } from '../../../../src/logger.js'
import { captured } from '../../../fixtures.js'
import { startServer, until, withServer } from '../../../redis-server.js'
import { STORE_KEY } from '../../../redis-store.js'
import { ENVIRONMENT, tryHistories } from '../../../session-model.js'

/** Histories of up to 400 commands. `npm run test:model` raises it to the nightly size. */
const HISTORIES = Number(process.env.MODEL_HISTORIES ?? 5)

test('the service on a shared store agrees with the oracle in random histories', withServer, async (t) => {
  const server = await startServer(t)
  const counts = await tryHistories(
    async (clock) => {
      await server.client.flushall()
      const environment = { ...ENVIRONMENT, STORE_URL: server.url, STORE_KEY }
      const app = buildApp({ environment, logger: createLogger(captured().stream), clock })
      await app.ready()
      await until('the store is there', () => {
        clock.tick()
        return app.sharedStore?.isUp === true
      })
      return app
    },
    { maxCommands: 400, histories: HISTORIES },
  )
  t.comment(JSON.stringify(counts))
  t.ok(counts.created > HISTORIES && counts.exhausted > HISTORIES, 'sessions were opened and refused')
  t.ok(counts.bridged > HISTORIES && counts.farewells > HISTORIES, 'and people were bridged and sent away')
})
