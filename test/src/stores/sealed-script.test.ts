import { test } from 'tap'
import { createSealedScript } from '../../../src/stores/sealed-script.js'
import { UnreadableTextError } from '../../../src/stores/storage.js'
import { createVault } from '../../../src/stores/vault.js'
import { OTHER_KEY, STORE_KEY } from '../../redis-store.js'

const secretOf = (text: string) => () => Buffer.alloc(32, text)
const script = (...keys: [string, ...string[]]) =>
  createSealedScript({ vault: createVault(keys), namingSecret: secretOf('a secret of the tests') })
const HERE = { kind: 'session', id: 's_1' }

const reasonOf = (read: () => unknown) => {
  try {
    return { read: read() }
  } catch (error) {
    return error instanceof UnreadableTextError ? error.reason : error
  }
}

test('a value is read as it was written, in its own place only', async (t) => {
  const { write, read } = script(STORE_KEY)
  for (const value of [{ a: [1, null, 'ü 🙂'] }, [], 'text', 0, null]) {
    const text = write(value, HERE)
    t.same(read(text, HERE), value)
    t.same(script(STORE_KEY).read(text, HERE), value, 'by another instance too')
    for (const name of [
      { kind: 'session', id: 's_2' },
      { kind: 'book', id: 's_1' },
      { kind: 'session/s', id: '_1' },
    ])
      t.equal(
        reasonOf(() => read(text, name)),
        'altered',
        `${name.kind} ${name.id}`,
      )
  }
})

test('a text that another key wrote is told from one that was altered', async (t) => {
  const text = script(STORE_KEY).write('value', HERE)
  t.equal(
    reasonOf(() => script(OTHER_KEY).read(text, HERE)),
    'unknown-key',
  )
  t.equal(script(OTHER_KEY, STORE_KEY).read(text, HERE), 'value')
  const { read } = script(STORE_KEY)
  const altered = text[20] === 'x' ? 'y' : 'x'
  t.equal(
    reasonOf(() => read(text.slice(0, 20) + altered + text.slice(21), HERE)),
    'altered',
  )
  t.equal(
    reasonOf(() => read(text.slice(0, 12), HERE)),
    'altered',
  )
  for (const other of ['', '{}', 'x'])
    t.equal(
      reasonOf(() => read(other, HERE)),
      'unknown-key',
      other,
    )
})

test('a text is old when the key that wrote it writes no more', async (t) => {
  const text = script(STORE_KEY).write('value', HERE)
  t.notOk(script(STORE_KEY, OTHER_KEY).isOld(text))
  t.ok(script(OTHER_KEY, STORE_KEY).isOld(text))
})

test('what is written reveals nothing of the value, and is never the same twice', async (t) => {
  const { write } = script(STORE_KEY)
  const text = write('919812300001', HERE)
  t.notOk(text.includes('919812300001'))
  t.notOk(Buffer.from(text.split('.')[1] ?? '', 'base64').includes('919812300001'))
  t.not(write('919812300001', HERE), text)
})

test('a secret has the same name on all instances, another in each kind, and none that reveals it', async (t) => {
  const { nameOf } = script(STORE_KEY)
  const name = nameOf('book', '919812300001')
  t.match(name, /^[\w-]{22}$/)
  t.equal(script(OTHER_KEY).nameOf('book', '919812300001'), name, 'the keys may be rotated')
  t.not(nameOf('past', '919812300001'), name)
  t.not(nameOf('book', '919812300002'), name)
  const elsewhere = createSealedScript({ vault: createVault([STORE_KEY]), namingSecret: secretOf('another') })
  t.not(elsewhere.nameOf('book', '919812300001'), name, 'another store')
})
