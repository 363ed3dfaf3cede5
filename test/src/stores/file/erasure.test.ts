import { test } from 'tap'
import { erasureContract } from '../../../erasure-contract.js'
import { sealedOver } from '../../../sealed-store.js'
import { opened } from './folders.js'

const KEY = Buffer.alloc(32, 'a key').toString('base64')

test('in a folder, people are found and erased', async (t) => {
  erasureContract(t, async (t, now) => sealedOver(await opened(t, { now }), KEY).storage)
})
