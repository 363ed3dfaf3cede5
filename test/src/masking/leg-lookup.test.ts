import { test } from 'tap'
import { readMaskingNumbers } from '../../../src/config/masking-numbers.js'
import { createLegLookup } from '../../../src/masking/leg-lookup.js'
import type { SessionStore } from '../../../src/masking/session-store.js'
import { readSpelling, type Spelling } from '../../../src/masking/spelling.js'
import { PAIR } from '../../fixtures.js'

const spelling = (text: string): Spelling => {
  const read = readSpelling(text)
  if (!read) throw new Error('the test wants a spelling')
  return read
}

const config = { ...PAIR, MASKING_NUMBERS: '+919000000003', DEFAULT_COUNTRY: 'IN' } as const
const leg = { destination: '+918888800009', callerIdShown: '+919000000003', sessionId: 's_1' }

/** A store that knows one leg, and records what it is asked. */
function sessionsAsked(asked: unknown[]): Pick<SessionStore, 'findLeg'> {
  return {
    async findLeg(callers, dialled) {
      asked.push([callers, dialled])
      return callers.includes('918888800001') ? { kind: 'open', leg } : undefined
    },
  }
}

test('the lookup over the static pair and the sessions', async (t) => {
  const asked: unknown[] = []
  const { all, fixed } = readMaskingNumbers(config)
  const store = createLegLookup({
    numbers: all,
    fixed,
    sessions: sessionsAsked(asked),
  })
  const find = (to: string) => {
    const number = store.findMaskingNumber(spelling(to))
    if (!number) throw new Error('the test wants a masking number')
    return number
  }

  t.test('finds a masking number in every spelling', async (t) => {
    for (const text of ['919000000001', '+919000000001', '00919000000001', '09000000001', '9000000001']) {
      t.equal(store.findMaskingNumber(spelling(text))?.dialable, '919000000001', text)
    }
    t.equal(find('09000000003').dialable, '+919000000003', 'a number of the pool too')
  })

  t.test('knows no other number', async (t) => {
    for (const text of ['+19000000001', '+9000000001', '19000000001', '918888800001', '0919000000001']) {
      t.equal(store.findMaskingNumber(spelling(text)), undefined, text)
    }
  })

  t.test('finds a fixed leg without asking for a session', async (t) => {
    for (const text of ['918888800001', '+918888800001', '08888800001', '8888800001']) {
      const found = await store.findLeg(find('919000000001'), spelling(text))
      t.match(found, { kind: 'open', leg: { destination: '918888800002' } }, text)
    }
    t.same(asked, [])
  })

  t.test('asks for a session with every number that the caller may be', async (t) => {
    t.same(await store.findLeg(find('9000000003'), spelling('08888800001')), { kind: 'open', leg })
    t.equal(await store.findLeg(find('9000000001'), spelling('+18888800001')), undefined)
    t.same(asked, [
      [['08888800001', '9108888800001', '918888800001'], '919000000003'],
      [['18888800001'], '919000000001'],
    ])
  })
})
