import { mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import { modelContract, serviceOn } from '../../../model-contract.js'
import { STORE_KEY } from '../../../redis-store.js'
import { IN_MEMORY, temporaryFolder } from './folders.js'

test('the service on a folder agrees with the oracle in random histories', (t) => {
  const folders = temporaryFolder(t, IN_MEMORY)
  return modelContract(t, {
    histories: 3,
    start(clock) {
      const folder = mkdtempSync(join(folders, 'history-'))
      return serviceOn({ STORE_URL: `file:${folder}`, STORE_KEY }, clock)
    },
  })
})
