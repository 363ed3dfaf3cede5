import { test } from 'tap'
import { httpServers } from '../../src/http-server.js'
import { build } from '../helper.js'

test('the servers have the limits of the service', async (t) => {
  const { app } = await build(t, { ADMIN_PORT: '0' })
  for (const server of [app.server, app.adminServer]) {
    t.equal(server?.requestTimeout, 10_000)
    t.equal(server?.keepAliveTimeout, 72_000)
    t.equal(server?.timeout, 0)
  }
  t.not(app.server, app.adminServer)
})

test('there is no other server before there is one', async (t) => {
  t.throws(() => httpServers().another(), TypeError)
})
