import { type CountryCode, getExampleNumber } from 'libphonenumber-js/max'
import examples from 'libphonenumber-js/mobile/examples'
import { test } from 'tap'
import { readMaskingNumbers } from '../../../src/config/masking-numbers.js'
import { callersOf, createLegLookup } from '../../../src/masking/leg-lookup.js'
import type { PoolCopy } from '../../../src/masking/live-pool.js'
import { indexNumbers } from '../../../src/masking/number-index.js'
import { type PhoneNumber, splitNumber } from '../../../src/masking/phone-number.js'
import type { Lookup } from '../../../src/masking/session-store.js'
import { readSpelling, type Spelling } from '../../../src/masking/spelling.js'
import { PAIR } from '../../fixtures.js'

const spelling = (text: string): Spelling => {
  const read = readSpelling(text)
  if (!read) throw new Error('the test wants a spelling')
  return read
}

const config = { ...PAIR, MASKING_NUMBERS: '+919000000003', DEFAULT_COUNTRY: 'IN' } as const
const COUNTRIES = [
  ...([
    'AE',
    'AU',
    'BD',
    'BR',
    'CA',
    'CN',
    'DE',
    'DK',
    'EG',
    'ES',
    'FR',
    'GB',
    'HU',
    'ID',
    'IT',
    'JP',
    'KE',
  ] as const),
  ...([
    'KR',
    'LK',
    'MX',
    'MY',
    'NG',
    'NP',
    'NZ',
    'PH',
    'PK',
    'RU',
    'SA',
    'SG',
    'TH',
    'TR',
    'US',
    'VN',
    'ZA',
  ] as const),
] satisfies CountryCode[]
const leg = { destination: '+918888800009', callerIdShown: '+919000000003', sessionId: 's_1' }

/** A store that knows one leg, and records what it is asked. */
function sessionsAsked(asked: unknown[]): Pick<Lookup, 'findLeg'> {
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
  const found = (to: string) => {
    const number = store.findMaskingNumber(spelling(to))
    if (number instanceof Promise) throw new Error('nobody is to be asked')
    return number
  }
  const find = (to: string) => {
    const number = found(to)
    if (!number) throw new Error('the test wants a masking number')
    return number
  }

  t.test('finds a masking number in every spelling', async (t) => {
    for (const text of ['919000000001', '+919000000001', '00919000000001', '09000000001', '9000000001']) {
      t.equal(found(text)?.dialable, '919000000001', text)
    }
    t.equal(find('09000000003').dialable, '+919000000003', 'a number of the pool too')
  })

  t.test('knows no other number', async (t) => {
    for (const text of ['+19000000001', '+9000000001', '19000000001', '918888800001', '0919000000001']) {
      t.equal(found(text), undefined, text)
    }
  })

  t.test('finds a fixed leg without asking for a session', async (t) => {
    for (const text of ['918888800001', '+918888800001', '08888800001', '8888800001']) {
      const found = await store.findLeg(find('919000000001'), spelling(text))
      t.match(found, { kind: 'open', leg: { destination: '918888800002' } }, text)
    }
    t.same(asked, [])
  })

  const askedFor = async (from: string) => {
    asked.length = 0
    const found = await store.findLeg(find('9000000003'), spelling(from))
    return { found: found?.kind, asked: asked.map((question) => (question as [string[]])[0]) }
  }

  t.test('asks once for a session where the caller is known by the digits that came', async (t) => {
    for (const from of ['918888800001', '+918888800001']) {
      t.same(await askedFor(from), { found: 'open', asked: [['918888800001']] })
    }
  })

  t.test('asks for the national readings only where nobody has the digits', async (t) => {
    t.same(await askedFor('08888800001'), { found: 'open', asked: [['9108888800001', '918888800001']] })
    t.same(await askedFor('8888800001'), { found: 'open', asked: [['8888800001'], ['918888800001']] })
    t.same(await askedFor('+8888800001'), { found: undefined, asked: [['8888800001']] })
  })

  t.test('digits that are a number of some country mean that one and no other', async (t) => {
    // Each as the carrier sends it, with ten digits, as a national number of India has.
    const abroad = ['6591234567', '6421234567', '8221234567', '6621234567', '3612345678', '4521234567']
    for (const from of abroad) t.same(await askedFor(from), { found: undefined, asked: [[from]] }, from)
    t.same(callersOf(spelling('6591234567'), '91'), ['6591234567'])
    t.same(callersOf(spelling('9198000000'), '91'), ['9198000000', '919198000000'])
    t.same(await askedFor('9198000000'), { found: undefined, asked: [['9198000000'], ['919198000000']] })
  })

  t.test('the static pair too is no stranger of another country', async (t) => {
    const { all, fixed } = readMaskingNumbers({ ...config, FE: '+916591234567' })
    const pair = createLegLookup({ numbers: all, fixed, sessions: sessionsAsked([]) })
    const from = async (text: string) => (await pair.findLeg(find('9000000001'), spelling(text)))?.kind
    t.equal(await from('916591234567'), 'open')
    t.equal(await from('06591234567'), 'open')
    t.equal(await from('6591234567'), undefined)
  })

  t.test(
    'whoever is registered is found by the whole number without +, whatever their country',
    async (t) => {
      for (const country of COUNTRIES) {
        const example = getExampleNumber(country, examples)
        if (!example) throw new Error(`the test wants an example for ${country}`)
        const whole = example.number.slice(1)
        const known = createLegLookup({
          numbers: all,
          fixed,
          sessions: {
            findLeg: async (callers) => (callers.includes(whole) ? { kind: 'open', leg } : undefined),
          },
        })
        const from = async (text: string) => (await known.findLeg(find('9000000003'), spelling(text)))?.kind
        for (const text of [whole, `+${whole}`, `00${whole}`]) t.equal(await from(text), 'open', text)
        t.equal(await from(`+91${whole}`), undefined)
        // Somebody in India who has these digits as a national number is not this person.
        const indian = createLegLookup({
          numbers: all,
          fixed,
          sessions: {
            findLeg: async (callers) => (callers.includes(`91${whole}`) ? { kind: 'open', leg } : undefined),
          },
        })
        t.equal(await indian.findLeg(find('9000000003'), spelling(whole)), undefined, country)
      }
    },
  )
})

test('the store is asked for a number that is not known here, and never for one of the static pair', async (t) => {
  const { ofPair, fixed } = readMaskingNumbers(config)
  const [known, added] = ['919000000011', '919000000012'].map((whole) => splitNumber(whole)) as [
    PhoneNumber,
    PhoneNumber,
  ]
  const copyOf = (...numbers: PhoneNumber[]) => ({ find: indexNumbers(numbers) }) as unknown as PoolCopy
  let asked = 0
  const legs = createLegLookup({
    numbers: ofPair,
    fixed,
    sessions: sessionsAsked([]),
    pool: {
      seen: copyOf(known),
      ask: async () => {
        asked += 1
        return copyOf(known, added)
      },
    },
  })
  t.match(legs.findMaskingNumber(spelling('09000000001')), { national: '9000000001' })
  t.match(legs.findMaskingNumber(spelling('09000000011')), { national: '9000000011' })
  t.equal(asked, 0)
  t.match(await legs.findMaskingNumber(spelling('09000000012')), { national: '9000000012' })
  t.equal(await legs.findMaskingNumber(spelling('09000000013')), undefined)
  t.equal(asked, 2)
})
