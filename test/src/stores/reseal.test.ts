import { test } from 'tap'
import { KINDS, POOL } from '../../../src/masking/keys.js'
import { resealAll, resealKey } from '../../../src/stores/reseal.js'
import { draft, sessionIn, standing } from '../../drafts.js'
import { openTexts, sealedOver } from '../../sealed-store.js'
import { DAY, START } from '../../session-store-contract.js'
import { spiedOn } from '../../spied-storage.js'
import { storeOver } from '../../store-under-test.js'

const [OLD, NEW] = ['a', 'b'].map((letter) => Buffer.alloc(32, letter).toString('base64')) as [string, string]

async function filled(sessions = 1) {
  const { options } = standing()
  const texts = openTexts(() => START)
  const { storage } = sealedOver(texts, OLD)
  const store = await storeOver(storage, options)
  const ids: string[] = []
  for (let i = 0; i < sessions; i += 1)
    ids.push(sessionIn(await store.create(draft(2 * i, 2 * i + 1, { externalId: `order-${i}` }))).id)
  return { texts, options, ids }
}

test('what is sealed with an older key is written again, and then that key is not needed any more', async (t) => {
  const { texts, options, ids } = await filled(50)
  const both = sealedOver(texts, NEW, OLD)
  t.same(await resealAll(both.storage, KINDS), { seen: 201, resealed: 201, left: 0, unreadable: 0 })
  t.same(await resealAll(both.storage, KINDS), { seen: 201, resealed: 0, left: 0, unreadable: 0 })
  await both.refresh()
  const { storage } = sealedOver(texts, NEW)
  const store = await storeOver(storage, options)
  for (const [i, id] of ids.entries()) {
    const session = await store.find(id)
    t.match(session, { id, externalId: `order-${i}` })
    const [{ number, maskingNumber }] = session?.participants ?? [{ number: '', maskingNumber: '' }]
    t.match(await store.findLeg([number], maskingNumber), { kind: 'open' })
  }
})

test('what somebody changes meanwhile stays as they wrote it', async (t) => {
  for (const [key, left] of [
    [NEW, 0],
    [OLD, 1],
  ] as const) {
    const { texts, options, ids } = await filled()
    const [id] = ids as [string]
    const others = await storeOver(sealedOver(texts, key, key === NEW ? OLD : NEW).storage, options)
    const expiresAt = START + 90 * DAY
    const busy = spiedOn(sealedOver(texts, NEW, OLD).storage, async (operation, run) => {
      if (operation === 'swap session') await others.change(id, { expiresAt, allowShortRest: false })
      return run()
    })
    t.same(await resealAll(busy, ['session']), { seen: 1, resealed: 1 - left, left, unreadable: 0 })
    t.match(await others.find(id), { expiresAt })
  }
})

test('what nobody can read stays as it is', async (t) => {
  const { texts } = await filled()
  const before = await texts.idsOf('session')
  const [id = ''] = before
  const text = await texts.textOf('session', id)
  await texts.put('session', id, `${text.slice(0, -4)}AAAA`)
  const { storage } = sealedOver(texts, NEW, OLD)
  t.match(await resealAll(storage, KINDS), { left: 0, unreadable: 1 })
  t.equal(await texts.textOf('session', id), `${text.slice(0, -4)}AAAA`)
})

test('one thing that is kept for ever is written again by itself, and once', async (t) => {
  const { texts } = await filled()
  const { storage, vault } = sealedOver(texts, NEW, OLD)
  const text = () => texts.textOf('pool', 'numbers')
  t.notOk((await text()).startsWith(`${vault.keyIds[0]}.`))
  await resealKey(storage, POOL)
  const resealed = await text()
  t.ok(resealed.startsWith(`${vault.keyIds[0]}.`))
  await resealKey(storage, POOL)
  t.equal(await text(), resealed)
  await t.resolves(resealKey(storage, { kind: 'pool', id: 'none' }))
})
