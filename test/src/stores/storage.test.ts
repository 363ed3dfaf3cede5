import { test } from 'tap'
import { type Found, type Kept, StoreUnavailableError } from '../../../src/masking/storage.js'
import { ForeignStoreError } from '../../../src/stores/about.js'
import { createMemoryTexts } from '../../../src/stores/memory-texts.js'
import { createSealedScript } from '../../../src/stores/sealed-script.js'
import { createStorage, plainScript } from '../../../src/stores/storage.js'
import { type TextSwap, type Texts, WRONG_TYPE } from '../../../src/stores/texts.js'
import { createVault } from '../../../src/stores/vault.js'
import { OTHER_KEY, STORE_KEY } from '../../redis-store.js'
import { openTexts, sealedOver } from '../../sealed-store.js'
import { START } from '../../session-store-contract.js'
import { LATER } from '../../texts-contract.js'

const KEY = { kind: 'thing', id: 'a' }
const SECRET = { kind: 'thing', secret: '919812300001' }
const newTexts = () => openTexts(() => START)

async function allOf(found: AsyncIterable<readonly Found[]>): Promise<Found[]> {
  const all: Found[] = []
  for await (const piece of found) all.push(...piece)
  return all
}

for (const [name, open] of Object.entries({
  plain: () =>
    createStorage(
      createMemoryTexts(() => START),
      plainScript,
    ),
  sealed: () => sealedOver(newTexts(), STORE_KEY).storage,
}))
  test(`values are kept ${name}`, async (t) => {
    const storage = open()
    const value = { numbers: ['919812300001'], at: START }
    t.same(await storage.read([KEY, SECRET]), [undefined, undefined])
    for (const key of [KEY, SECRET]) {
      t.ok(await storage.swap({ key, was: undefined, value, until: LATER }))
      t.notOk(await storage.swap({ key, was: undefined, value, until: LATER }))
    }
    const [kept, ofSecret] = (await storage.read([KEY, SECRET])) as [Kept, Kept]
    t.same([kept.value, ofSecret.value], [value, value])
    t.notOk('isOld' in kept || 'unreadable' in kept)
    t.ok(await storage.swap({ key: KEY, was: kept, value: 'another', until: LATER }))
    t.notOk(await storage.swap({ key: KEY, was: kept, value: 'late', until: LATER }), 'it was changed since')
    const all = await allOf(storage.all('thing'))
    t.match(
      all.find((found) => found.name === 'a'),
      { value: 'another' },
    )
    t.match(
      all.find((found) => found.name !== 'a'),
      { value },
    )
    const [now] = await storage.read([KEY])
    t.ok(await storage.swap({ key: KEY, was: now, value: undefined, until: 0 }))
    t.same(await storage.read([KEY]), [undefined])

    await storage.enlist(SECRET, { id: 'x', at: START }, LATER)
    await storage.enlist(SECRET, { id: 'y', at: START }, LATER)
    await storage.delist(SECRET, [{ id: 'x', at: START }])
    t.same(await storage.entries(SECRET, { order: 'oldest first', limit: 9 }), [{ id: 'y', at: START }])
    t.same(await storage.entries(KEY, { order: 'oldest first', limit: 9 }), [])
    t.equal(await storage.confirm([KEY, SECRET]), true)
    t.equal(storage.now(), START)
    await storage.upkeep()
  })

test('a secret is hashed once for a key that is used twice, and not for a question that needs no name', async (t) => {
  const secrets: string[] = []
  const script = {
    ...plainScript,
    nameOf(_kind: string, secret: string) {
      secrets.push(secret)
      return secret
    },
  }
  const storage = createStorage(newTexts(), script)
  const key = { ...SECRET }
  await storage.read([key])
  await storage.swap({ key, was: undefined, value: 1, until: LATER })
  t.same(secrets, [SECRET.secret])
  await storage.confirm([{ ...SECRET }])
  t.equal(secrets.length, 1)
})

test('a secret is written down nowhere in a sealed storage, neither in a name nor in a text', async (t) => {
  const texts = newTexts()
  const { storage } = sealedOver(texts, STORE_KEY)
  await storage.swap({ key: SECRET, was: undefined, value: SECRET.secret, until: LATER })
  const [name] = await texts.idsOf('thing')
  t.match(await allOf(storage.all('thing')), [{ name, value: SECRET.secret }])
  const seen = `${name} ${await texts.textOf('thing', String(name))}`
  t.notOk(seen.includes(SECRET.secret) || seen.includes(Buffer.from(SECRET.secret).toString('base64')))
})

test('what cannot be read is told with the reason, and can be replaced by whoever saw it', async (t) => {
  const texts = newTexts()
  const { storage } = sealedOver(texts, STORE_KEY)
  await storage.swap({ key: KEY, was: undefined, value: 'value', until: LATER })
  const genuine = await texts.textOf('thing', 'a')

  const behind = await sealedOverSame(texts).read([KEY])
  t.match(behind, [{ value: undefined, unreadable: 'unknown-key', version: genuine }])

  await texts.put('thing', 'b', genuine)
  const moved = { kind: 'thing', id: 'b' }
  const [kept] = await storage.read([moved])
  t.match(kept, { value: undefined, unreadable: 'altered' })
  t.match(
    (await allOf(storage.all('thing'))).map(({ name, unreadable }) => [name, unreadable]),
    [
      ['a', undefined],
      ['b', 'altered'],
    ],
  )
  t.notOk(await storage.swap({ key: moved, was: undefined, value: 'new', until: LATER }))
  t.ok(await storage.swap({ key: moved, was: kept, value: 'new', until: LATER }))
  t.match(await storage.read([moved]), [{ value: 'new' }])
})

/** Of an instance that lacks the key, with the same names. */
function sealedOverSame(texts: Texts) {
  const script = createSealedScript({ vault: createVault([OTHER_KEY]), namingSecret: () => Buffer.alloc(32) })
  return createStorage(texts, script)
}

test('what is no text is told of, and only replaced as such', async (t) => {
  const swaps: TextSwap[] = []
  const texts: Texts = {
    ...newTexts(),
    read: async () => [WRONG_TYPE],
    async swap(change) {
      swaps.push(change)
      return true
    },
    async *all() {
      yield [{ id: 'a', text: WRONG_TYPE }]
    },
  }
  const storage = createStorage(texts, plainScript)
  const [kept] = await storage.read([KEY])
  t.same(kept, { value: undefined, unreadable: 'wrong-type', version: '' })
  t.match(await allOf(storage.all('thing')), [{ name: 'a', unreadable: 'wrong-type' }])
  await storage.swap({ key: KEY, was: kept, value: 1, until: LATER })
  t.equal(swaps[0]?.was, WRONG_TYPE)
})

test('what is sealed with a key that writes no more is old', async (t) => {
  const texts = newTexts()
  await sealedOver(texts, STORE_KEY).storage.swap({ key: KEY, was: undefined, value: 1, until: LATER })
  const { storage } = sealedOver(texts, OTHER_KEY, STORE_KEY)
  const [kept] = await storage.read([KEY])
  t.match(kept, { value: 1, isOld: true })
  await storage.swap({ key: KEY, was: kept, value: kept?.value, until: LATER })
  t.match(await sealedOver(texts, OTHER_KEY).storage.read([KEY]), [{ value: 1 }])
})

test('a mistake of ours in reading a text is told as such', async (t) => {
  const texts = newTexts()
  await texts.put('thing', 'a', 'no JSON')
  await t.rejects(async () => createStorage(texts, plainScript).read([KEY]), SyntaxError)
})

test('nothing is asked before the store is ready, and nobody waits once it is', async (t) => {
  const asked: string[] = []
  const told = <Value>(name: string, value: Value) => {
    asked.push(name)
    return value
  }
  const texts: Texts = {
    read: async () => told('read', []),
    swap: async () => told('swap', true),
    enlist: async () => told('enlist', undefined),
    delist: async () => told('delist', undefined),
    entries: async () => told('entries', []),
    async *all() {
      yield told('all', [])
    },
    confirm: async () => told('confirm', true),
    now: () => START,
    upkeep: async () => undefined,
  }
  const over = (ready: () => Promise<unknown> | undefined): (() => Promise<unknown>[]) => {
    const storage = createStorage(texts, plainScript, ready)
    return () => [
      Promise.resolve(storage.read([KEY])),
      storage.swap({ key: KEY, was: undefined, value: 1, until: LATER }),
      storage.enlist(KEY, { id: 'x', at: 1 }, LATER),
      storage.delist(KEY, []),
      storage.entries(KEY, { order: 'oldest first', limit: 1 }),
      allOf(storage.all('thing')),
      storage.confirm([KEY]),
    ]
  }
  const ALL = ['read', 'swap', 'enlist', 'delist', 'entries', 'all', 'confirm']

  const refused: [Error, unknown][] = [
    [new StoreUnavailableError(), StoreUnavailableError],
    [new ForeignStoreError('of another version'), StoreUnavailableError],
    [new TypeError('a mistake'), TypeError],
  ]
  for (const [error, seen] of refused)
    for (const answer of over(() => Promise.reject(error))()) await t.rejects(answer, seen as never)
  t.same(asked, [])

  let begin = () => {}
  const ready = new Promise<void>((resolve) => {
    begin = resolve
  })
  const waiting = over(() => ready)()
  await Promise.resolve()
  t.same(asked, [])
  begin()
  await Promise.all(waiting)
  t.same(asked.toSorted(), ALL.toSorted())
  asked.length = 0
  await Promise.all(over(() => undefined)())
  t.same(asked.toSorted(), ALL.toSorted())
})
