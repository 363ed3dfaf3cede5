import { test } from 'tap'
import { StoreUnavailableError } from '../../../src/masking/storage.js'
import {
  createAbout,
  ForeignStoreError,
  READABLE_BY,
  SCHEMA,
  storePrefix,
} from '../../../src/stores/about.js'
import { createRotatingVault } from '../../../src/stores/rotating-vault.js'
import { type Texts, WRONG_TYPE } from '../../../src/stores/texts.js'
import { createVault, type Vault } from '../../../src/stores/vault.js'
import { OTHER_KEY, STORE_KEY } from '../../redis-store.js'
import { openTexts } from '../../sealed-store.js'
import { START } from '../../session-store-contract.js'

const newTexts = () => openTexts(() => START)
const textOf = (texts: ReturnType<typeof newTexts>) => texts.textOf('about', 'store')
const write = (texts: ReturnType<typeof newTexts>, text: string | undefined) =>
  texts.put('about', 'store', text)

/** An instance that has looked. */
async function instance(texts: Pick<Texts, 'read' | 'swap'>, vault: Vault = createVault([STORE_KEY])) {
  const about = createAbout(texts, vault)
  await about.known()
  return about
}

test('the first instance says what an empty store is, and all others read it', async (t) => {
  const texts = newTexts()
  const vault = createVault([STORE_KEY])
  const about = createAbout(texts, vault)
  t.throws(about.namingSecret, { message: 'the store is not known yet' })
  t.ok(about.known() instanceof Promise)
  await about.known()
  t.equal(about.known(), undefined, 'nobody waits any more')
  t.same(about.namingSecret(), vault.namingSecret)
  const text = await textOf(texts)
  t.match(JSON.parse(text), { schema: SCHEMA, readableBy: READABLE_BY })
  t.notOk(text.includes(about.namingSecret().toString('base64')), 'the secret is sealed')

  const other = await instance(texts)
  t.same(other.namingSecret(), about.namingSecret())
  t.equal(await textOf(texts), text, 'and nothing is written again')
})

test('instances that begin at once agree', async (t) => {
  const texts = newTexts()
  const keys = [STORE_KEY, OTHER_KEY] as const
  const abouts = await Promise.all([
    instance(texts, createVault(keys)),
    instance(texts, createVault([OTHER_KEY, STORE_KEY])),
    instance(texts, createVault(keys)),
  ])
  for (const about of abouts) await about.refresh()
  const secrets = new Set(abouts.map((about) => about.namingSecret().toString('hex')))
  t.equal(secrets.size, 1)
})

test('all who wait for the store to be known ask one question', async (t) => {
  const texts = newTexts()
  let reads = 0
  const about = createAbout(
    {
      ...texts,
      read: (names) => {
        reads += 1
        return texts.read(names)
      },
    },
    createVault([STORE_KEY]),
  )
  await Promise.all([about.known(), about.known(), about.known()])
  t.equal(reads, 1)
})

test('a store that failed when it was asked is asked again', async (t) => {
  const texts = newTexts()
  let isAway = true
  const read: Texts['read'] = (names) =>
    isAway ? Promise.reject(new StoreUnavailableError()) : texts.read(names)
  const about = createAbout({ ...texts, read }, createVault([STORE_KEY]))
  await t.rejects(Promise.resolve(about.known()), StoreUnavailableError)
  isAway = false
  await about.known()
  t.equal(about.known(), undefined)
})

test('what was lost with a server is written again, with the same names', async (t) => {
  const texts = newTexts()
  const vault = createRotatingVault([STORE_KEY])
  const about = await instance(texts, vault)
  const secret = about.namingSecret()
  vault.useKeys([OTHER_KEY, STORE_KEY])
  await write(texts, undefined)
  await about.refresh()
  t.same(about.namingSecret(), secret)
  const later = await instance(texts, createVault([OTHER_KEY]))
  t.same(later.namingSecret(), secret, 'not with those of the key that writes now')
})

test('after a rotation it is sealed with the key that writes, and the names stay', async (t) => {
  const texts = newTexts()
  const vault = createRotatingVault([STORE_KEY])
  const about = await instance(texts, vault)
  const [secret, before] = [about.namingSecret(), await textOf(texts)]
  await about.refresh()
  t.equal(await textOf(texts), before, 'not without a rotation')
  vault.useKeys([OTHER_KEY, STORE_KEY])
  await about.refresh()
  t.not(await textOf(texts), before)
  t.same((await instance(texts, createVault([OTHER_KEY]))).namingSecret(), secret)
})

test('a store that another key wrote is refused, with what to do', async (t) => {
  const texts = newTexts()
  await instance(texts)
  const before = await textOf(texts)
  await t.rejects(instance(texts, createVault([OTHER_KEY])), {
    name: 'ForeignStoreError',
    message: /^The store was written with another key: put the key .* into STORE_KEY/,
  })
  t.equal(await textOf(texts), before)
})

test('a store that a newer version wrote is refused, unless it says that this one can read it', async (t) => {
  const texts = newTexts()
  const { namingSecret } = await instance(texts)
  const said = JSON.parse(await textOf(texts))
  const newer = JSON.stringify({ ...said, schema: SCHEMA + 1, readableBy: SCHEMA + 1 })
  await write(texts, newer)
  await t.rejects(instance(texts), {
    name: 'ForeignStoreError',
    message: `The store has schema ${SCHEMA + 1}, and this version of callmask reads up to ${SCHEMA}: run the version that wrote it, or a later one.`,
  })
  t.equal(await textOf(texts), newer, 'nothing is written over')

  const readable = JSON.stringify({ ...said, schema: SCHEMA + 1, readableBy: SCHEMA })
  await write(texts, readable)
  t.same((await instance(texts)).namingSecret(), namingSecret())
  t.equal(await textOf(texts), readable)
})

test('after a rotation, a store that a newer version wrote still says so', async (t) => {
  const texts = newTexts()
  const vault = createRotatingVault([STORE_KEY])
  const about = await instance(texts, vault)
  const said = JSON.parse(await textOf(texts))
  await write(texts, JSON.stringify({ ...said, schema: SCHEMA + 1 }))
  vault.useKeys([OTHER_KEY, STORE_KEY])
  await about.refresh()
  const now = JSON.parse(await textOf(texts))
  t.match(now, { schema: SCHEMA + 1, readableBy: SCHEMA })
  t.not(now.naming, said.naming, 'sealed with the key that writes')
})

test('an older store is marked as one of this version, with the same names', async (t) => {
  const texts = newTexts()
  const secret = (await instance(texts, createVault([OTHER_KEY, STORE_KEY]))).namingSecret()
  await write(texts, JSON.stringify({ ...JSON.parse(await textOf(texts)), schema: SCHEMA - 1 }))
  const about = await instance(texts, createVault([STORE_KEY, OTHER_KEY]))
  t.same(about.namingSecret(), secret)
  t.match(JSON.parse(await textOf(texts)), { schema: SCHEMA, readableBy: READABLE_BY })
})

test('a store that says of itself what callmask never says is refused', async (t) => {
  const texts = newTexts()
  await instance(texts)
  const { naming } = JSON.parse(await textOf(texts))
  const another = naming[30] === 'x' ? 'y' : 'x'
  for (const text of [
    '',
    'x',
    '[1',
    'null',
    JSON.stringify({
      schema: SCHEMA,
      readableBy: SCHEMA,
      naming: `${naming.slice(0, 30)}${another}${naming.slice(31)}`,
    }),
  ]) {
    await write(texts, text)
    await t.rejects(instance(texts), ForeignStoreError, text)
    t.equal(await textOf(texts), text, 'and left as it is')
  }
})

test('something of another type in its place is written over', async (t) => {
  const texts = newTexts()
  const asked: unknown[] = []
  const about = createAbout(
    {
      read: async () => [WRONG_TYPE],
      async swap({ was }) {
        asked.push(was)
        return true
      },
    },
    createVault([STORE_KEY]),
  )
  await about.known()
  t.same(about.namingSecret(), createVault([STORE_KEY]).namingSecret)
  t.equal(asked[0], WRONG_TYPE)
  t.equal(await textOf(texts), '')
})

test('where others are always faster and nothing can be read, the store counts as unavailable', async (t) => {
  const about = createAbout(
    { read: async () => [undefined], swap: async () => false },
    createVault([STORE_KEY]),
  )
  await t.rejects(about.refresh(), StoreUnavailableError)
})

test('whoever only looks learns in which form the store is kept, and writes nothing', async (t) => {
  const texts = newTexts()
  const look = () => createAbout(texts, createVault([OTHER_KEY])).schema()
  t.equal(await look(), undefined)
  t.equal(await textOf(texts), '')
  await instance(texts)
  t.equal(await look(), SCHEMA, 'without its key too')
})

test('the keys of each deployment begin with its name and the form of what is kept', async (t) => {
  t.equal(storePrefix('shop'), `shop:${SCHEMA}:`)
})
