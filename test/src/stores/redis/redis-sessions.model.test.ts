import { test } from 'tap'
import { modelContract, serviceOn } from '../../../model-contract.js'
import { startServer, until, withServer } from '../../../redis-server.js'
import { STORE_KEY } from '../../../redis-store.js'

test('the service on a shared store agrees with the oracle in random histories', withServer, async (t) => {
  const server = await startServer(t)
  await modelContract(t, {
    histories: 5,
    async start(clock) {
      await server.client.flushall()
      const app = await serviceOn({ STORE_URL: server.url, STORE_KEY }, clock)
      // All connections: what a call first asks for, it asks for by that of the API.
      let isThere = false
      void app.sharedStore?.reached.then(() => {
        isThere = true
      })
      await until('the store is there', () => {
        clock.tick()
        return isThere
      })
      return app
    },
  })
})
