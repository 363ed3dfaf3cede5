import { test } from 'tap'
import { erasureContract } from '../../../erasure-contract.js'
import { sealedOver } from '../../../sealed-store.js'
import { START } from '../../../session-store-contract.js'
import { emptyIn, IN_MEMORY, opened, temporaryFolder } from './folders.js'

const KEY = Buffer.alloc(32, 'a key').toString('base64')

test('in a folder, people are found and erased', async (t) => {
  const texts = await opened(t, { folder: temporaryFolder(t, IN_MEMORY), now: () => START })
  erasureContract(t, async (now) => sealedOver(emptyIn(texts, now), KEY).storage, 5)
})
