import { test } from 'tap'
import { createVault } from '../../../src/stores/vault.js'
import { OTHER_KEY, STORE_KEY } from '../../redis-store.js'

test('the vault', async (t) => {
  const vault = createVault([STORE_KEY])
  const sealed = vault.seal('918888800001 ÄÖ', 's_1')

  t.test('opens what it sealed, in the same context only', async (t) => {
    t.equal(vault.open(sealed, 's_1'), '918888800001 ÄÖ')
    t.equal(createVault([STORE_KEY]).open(sealed, 's_1'), '918888800001 ÄÖ', 'on any instance')
    t.throws(() => vault.open(sealed, 's_2'))
    t.not(vault.seal('x', 's_1'), vault.seal('x', 's_1'), 'sealing a text twice gives different results')
  })

  t.test('refuses a sealed text that was altered in any byte', async (t) => {
    const [id, text = ''] = sealed.split('.')
    const bytes = Buffer.from(text, 'base64')
    for (let i = 0; i < bytes.length; i++) {
      const altered = Buffer.from(bytes)
      altered[i] = Number(altered[i]) ^ 1
      t.throws(() => vault.open(`${id}.${altered.toString('base64')}`, 's_1'), `byte ${i}`)
    }
    t.throws(() => vault.open(`${id}.${bytes.subarray(0, -4).toString('base64')}`, 's_1'), 'a shorter tag')
    for (const text of [`${id}.`, String(id), '', '.', `${id}.*`])
      t.throws(() => vault.open(text, 's_1'), text)
  })

  t.test('reads with the old key and writes with the new one while keys are rotated', async (t) => {
    const rotating = createVault([OTHER_KEY, STORE_KEY])
    t.equal(rotating.open(sealed, 's_1'), '918888800001 ÄÖ')
    const anew = rotating.seal('text', 's_1')
    t.equal(createVault([OTHER_KEY]).open(anew, 's_1'), 'text')
    t.throws(() => vault.open(anew, 's_1'), { message: 'sealed with a key that is not in STORE_KEY' })
    t.same(rotating.keyIds, [...createVault([OTHER_KEY]).keyIds, ...vault.keyIds])
  })

  t.test('gives marks that do not reveal the text, and differ by key', async (t) => {
    const [mark] = vault.marksOf('918888800001')
    const [other] = createVault([OTHER_KEY]).marksOf('918888800001')
    t.match(mark, /^[\w-]{22}$/)
    t.same(vault.marksOf('918888800001'), [mark], 'the same each time')
    t.not(mark, other)
    t.not(mark, vault.marksOf('918888800002')[0])
    t.same(
      createVault([OTHER_KEY, STORE_KEY]).marksOf('918888800001'),
      [other, mark],
      'the mark to write comes first',
    )
  })

  t.test(
    'the secret that a new store names with comes of the key that writes, and does not reveal it',
    async (t) => {
      const { namingSecret } = vault
      t.equal(namingSecret.length, 32)
      t.same(createVault([STORE_KEY, OTHER_KEY]).namingSecret, namingSecret, 'on each instance')
      t.notSame(createVault([OTHER_KEY, STORE_KEY]).namingSecret, namingSecret)
      t.notSame(namingSecret, Buffer.from(STORE_KEY, 'base64'))
    },
  )

  t.test('a text with a shorter tag is refused before it is tried', async (t) => {
    const [id, text = ''] = sealed.split('.')
    const bytes = Buffer.from(text, 'base64')
    for (const length of [0, 4, 8, 12, 13, 15, 16, 27]) {
      const short = `${id}.${bytes.subarray(0, length).toString('base64')}`
      t.throws(() => vault.open(short, 's_1'), { message: 'too short for a sealed text' }, `${length} bytes`)
    }
  })

  t.test('reveals neither the text in what it sealed nor the key in its id', async (t) => {
    for (const secret of ['918888800001', Buffer.from('918888800001').toString('base64')])
      t.notOk(sealed.includes(secret) || vault.marksOf('918888800001')[0].includes(secret))
    const hex = Buffer.from(STORE_KEY, 'base64').toString('hex')
    for (const id of vault.keyIds) t.notOk(hex.includes(id) || STORE_KEY.includes(id))
  })
})
