import { test } from 'tap'
import { CRASH, crashContract } from '../../../crash-contract.js'
import { STORE_KEY } from '../../../redis-store.js'
import { sealedOver } from '../../../sealed-store.js'
import { START, sessionStoreContract } from '../../../session-store-contract.js'
import { storeOver } from '../../../store-under-test.js'
import { textsContract } from '../../../texts-contract.js'
import { emptyIn, IN_MEMORY, opened, temporaryFolder } from './folders.js'

test('sessions in a folder keep the contract of a session store', async (t) => {
  let now = () => START
  const texts = await opened(t, { folder: temporaryFolder(t, IN_MEMORY), now: () => now() })
  sessionStoreContract(t, (options) => {
    // By this the folder forgets.
    now = options.now
    return storeOver(sealedOver(emptyIn(texts, now), STORE_KEY).storage, options)
  })
})

test('in a folder, a crash at any step of an operation leaves nothing wrong', async (t) => {
  const texts = await opened(t, { folder: temporaryFolder(t, IN_MEMORY), now: () => START })
  const empty = async (now: () => number) => sealedOver(emptyIn(texts, now), STORE_KEY).storage
  await crashContract(t, empty, [CRASH])
})

test('texts in a folder keep the contract of texts', async (t) => {
  textsContract(t, (t) => opened(t, { folder: temporaryFolder(t, IN_MEMORY), now: () => START }))
  t.test('a text that is as new as it was before is kept for ever', async (t) => {
    const texts = await opened(t, { folder: temporaryFolder(t, IN_MEMORY), now: () => START })
    const name = { kind: 'thing', id: 'a' }
    t.ok(await texts.swap({ name, was: undefined, text: 'one', until: 'as before' }))
    await texts.upkeep()
    t.same(await texts.read([name]), ['one'])
  })
})
