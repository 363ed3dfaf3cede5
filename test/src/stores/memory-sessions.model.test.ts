import { test } from 'tap'
import { buildApp } from '../../../src/app.js'
import { createLogger } from '../../../src/logger.js'
import { captured } from '../../fixtures.js'
import { ENVIRONMENT, tryHistories } from '../../session-model.js'

/** Histories of up to 400 commands. `npm run test:model` raises it to the nightly size. */
const HISTORIES = Number(process.env.MODEL_HISTORIES ?? 12)

test('the service agrees with the oracle in random histories', async (t) => {
  const counts = await tryHistories(
    async (clock) => {
      const app = buildApp({ environment: ENVIRONMENT, logger: createLogger(captured().stream), clock })
      await app.ready()
      return app
    },
    { maxCommands: 400, histories: HISTORIES },
  )
  t.comment(JSON.stringify(counts))
  t.ok(counts.created > HISTORIES && counts.exhausted > HISTORIES, 'sessions were opened and refused')
  t.ok(counts.bridged > HISTORIES && counts.farewells > HISTORIES, 'and people were bridged and sent away')
})
