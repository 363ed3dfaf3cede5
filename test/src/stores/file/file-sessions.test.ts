import { test } from 'tap'
import type { Texts } from '../../../../src/stores/texts.js'
import { crashContract } from '../../../crash-contract.js'
import { STORE_KEY } from '../../../redis-store.js'
import { sealedOver } from '../../../sealed-store.js'
import { START, sessionStoreContract } from '../../../session-store-contract.js'
import { storeOver } from '../../../store-under-test.js'
import { textsContract } from '../../../texts-contract.js'
import { IN_MEMORY, opened, temporaryFolder } from './folders.js'

test('sessions in a folder keep the contract of a session store', async (t) => {
  sessionStoreContract(t, async (t, options) => {
    const texts = await opened(t, { folder: temporaryFolder(t, IN_MEMORY), now: options.now })
    return storeOver(sealedOver(texts, STORE_KEY).storage, options)
  })
})

test('in a folder, a failure at any step of an operation leaves nothing wrong', async (t) => {
  // Each history begins in an empty folder: a new one each time would take minutes.
  let now = () => START
  const texts = await opened(t, { folder: temporaryFolder(t, IN_MEMORY), now: () => START })
  await crashContract(t, async (clock) => {
    now = clock
    await empty(texts)
    return sealedOver({ ...texts, now: () => now() }, STORE_KEY).storage
  })
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

/** What sessions are kept in. */
const KINDS = ['session', 'book', 'name', 'request', 'pool', 'about']
const LISTS = [{ kind: 'sessions', id: 'all' }]

async function empty(texts: Texts): Promise<void> {
  for (const kind of KINDS)
    for await (const found of texts.all(kind))
      await Promise.all(
        found.map(({ id, text }) => texts.swap({ name: { kind, id }, was: text, text: undefined, until: 0 })),
      )
  for (const list of LISTS)
    await texts.delist(list, await texts.entries(list, { order: 'oldest first', limit: 10_000 }))
}
