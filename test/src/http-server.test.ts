import { test } from 'tap'
import {
  CHECK_INTERVAL_MS,
  MAX_REQUESTS_PER_CONNECTION,
  REQUEST_TIMEOUT_MS,
  STALLED_TIMEOUT_MS,
} from '../../src/connections.js'
import { httpServers } from '../../src/http-server.js'
import { build } from '../helper.js'

test('the servers have the limits of the service', async (t) => {
  const { app } = await build(t, { ADMIN_PORT: '0' })
  for (const server of [app.server, app.adminServer]) {
    t.match(server, {
      requestTimeout: REQUEST_TIMEOUT_MS,
      headersTimeout: REQUEST_TIMEOUT_MS,
      connectionsCheckingInterval: CHECK_INTERVAL_MS,
      keepAliveTimeout: 72_000,
      timeout: STALLED_TIMEOUT_MS,
      maxRequestsPerSocket: MAX_REQUESTS_PER_CONNECTION,
    })
  }
  t.not(app.server, app.adminServer)
})

test('there is no other server before there is one', async (t) => {
  t.throws(() => httpServers().another(), TypeError)
})
