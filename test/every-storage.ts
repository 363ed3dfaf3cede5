import { type Test, test } from 'tap'
import type { StorageMaker } from './erasure-contract.js'
import { startServer, withServer } from './redis-server.js'
import { emptying, STORE_KEY } from './redis-store.js'
import { sealedOver } from './sealed-store.js'
import { START } from './session-store-contract.js'
import { emptyIn, IN_MEMORY, opened, temporaryFolder } from './src/stores/file/folders.js'
import { memoryStorage } from './store-under-test.js'

/** Runs tests in memory, in a folder, and on a Redis server. Each storage that they make is empty, and the one before is over. */
export function onEveryStorage(what: string, run: (t: Test, make: StorageMaker) => unknown): void {
  test(`in memory, ${what}`, async (t) => {
    await run(t, async (now) => memoryStorage(now))
  })
  test(`in a folder, ${what}`, async (t) => {
    const texts = await opened(t, { folder: temporaryFolder(t, IN_MEMORY), now: () => START })
    await run(t, async (now) => sealedOver(emptyIn(texts, now), STORE_KEY).storage)
  })
  test(`on a Redis server, ${what}`, withServer, async (t) => {
    const server = await startServer(t)
    await run(t, await emptying(t, server.url, [server]))
  })
}
