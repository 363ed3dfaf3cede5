import { test } from 'tap'
import { staticPair } from '../../../src/config/static-pair.js'
import { readSpelling, type Spelling } from '../../../src/masking/spelling.js'
import { createMemoryStore } from '../../../src/stores/memory.js'
import { PAIR } from '../../fixtures.js'

const spelling = (text: string): Spelling => {
  const read = readSpelling(text)
  if (!read) throw new Error('the test wants a spelling')
  return read
}

test('memory store', async (t) => {
  const store = createMemoryStore([staticPair({ ...PAIR, DEFAULT_COUNTRY: 'IN' })])

  t.test('finds a masking number in every spelling', async (t) => {
    for (const text of ['919000000001', '+919000000001', '00919000000001', '09000000001', '9000000001']) {
      t.equal(store.findMaskingNumber(spelling(text))?.dialable, '919000000001', text)
    }
  })

  t.test('knows no other number', async (t) => {
    for (const text of ['+19000000001', '+9000000001', '19000000001', '918888800001', '0919000000001']) {
      t.equal(store.findMaskingNumber(spelling(text)), undefined, text)
    }
  })

  t.test(
    'finds a leg by the caller, whose national spelling is read in the country of the dialled number',
    async (t) => {
      const dialled = store.findMaskingNumber(spelling('919000000001'))
      if (!dialled) return t.fail('no masking number')
      for (const text of ['918888800001', '+918888800001', '08888800001', '8888800001']) {
        t.equal((await store.findLeg(dialled, spelling(text)))?.destination.dialable, '918888800002', text)
      }
      for (const text of ['918888800002', '+18888800001', '18888800001', '+8888800001']) {
        t.equal(await store.findLeg(dialled, spelling(text)), undefined, text)
      }
    },
  )
})

test('staticPair refuses what is no number, without quoting it', async (t) => {
  t.throws(() => staticPair({ ...PAIR, FE: '12', DEFAULT_COUNTRY: 'IN' }), {
    message: 'FE is not a phone number',
  })
})
