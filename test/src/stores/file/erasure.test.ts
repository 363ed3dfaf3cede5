import tap, { test } from 'tap'
import type { Name, Texts } from '../../../../src/stores/texts.js'
import { erasureContract } from '../../../erasure-contract.js'
import { sealedOver } from '../../../sealed-store.js'
import { START } from '../../../session-store-contract.js'
import { opened } from './folders.js'

const KEY = Buffer.alloc(32, 'a key').toString('base64')

test('in a folder, people are found and erased', async (t) => {
  const folder = await opened(tap, { now: () => START })
  let worlds = 0
  erasureContract(t, async (_t, now) => sealedOver(worldIn(folder, `world-${++worlds}`, now), KEY).storage)
})

/** An empty part of a folder: to open one for each of so many tests would take minutes. */
function worldIn(texts: Texts, world: string, now: () => number): Texts {
  const within = <Of extends Name>(name: Of): Of => ({ ...name, kind: `${world} ${name.kind}` })
  return {
    ...texts,
    now,
    read: (names) => texts.read(names.map(within)),
    swap: (change) => texts.swap({ ...change, name: within(change.name) }),
    enlist: (list, entry, until) => texts.enlist(within(list), entry, until),
    delist: (list, entries) => texts.delist(within(list), entries),
    entries: (list, piece) => texts.entries(within(list), piece),
    all: (kind) => texts.all(`${world} ${kind}`),
  }
}
