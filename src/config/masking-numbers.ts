import { type FixedLeg, legsOf, type Pair, type Participant } from '../masking/pair.js'
import { isSameNumber, type PhoneNumber, parsePhoneNumber } from '../masking/phone-number.js'
import { entries } from './entries.js'
import type { Config } from './schema.js'

type NumberSettings = Pick<
  Config,
  'M1' | 'M2' | 'FE' | 'CUSTOMER' | 'MASKING_NUMBERS' | 'DEFAULT_COUNTRY' | 'ALLOWED_COUNTRIES'
>

/** The numbers of a configuration. */
export interface MaskingNumbers {
  /** The two people who always reach each other, if the configuration has them. */
  readonly pair: Pair | undefined
  /** The two legs of the pair, which never end. */
  readonly fixed: readonly FixedLeg[]
  /** The masking numbers of the pair. */
  readonly ofPair: readonly PhoneNumber[]
  /** What an empty pool is filled with. */
  readonly pool: readonly PhoneNumber[]
  /** All masking numbers, each once: of the pair, then of the pool. */
  readonly all: readonly PhoneNumber[]
  /** The countries of which a participant may be, where they are listed. */
  readonly listedCountries: ReadonlySet<string> | undefined
}

/** Reads the numbers of a validated configuration: once, at the start. */
export function readMaskingNumbers(config: NumberSettings): MaskingNumbers {
  const pair = readPair(config)
  const pool = entries(config.MASKING_NUMBERS).map((text) => registered(text, config))
  const ofPair = pair?.participants.map(({ maskingNumber }) => maskingNumber) ?? []
  const both = [...ofPair, ...pool]
  const listed = entries(config.ALLOWED_COUNTRIES)
  return {
    pair,
    fixed: pair ? legsOf(pair) : [],
    ofPair,
    pool,
    all: both.filter((number, i) => both.findIndex((other) => isSameNumber(number, other)) === i),
    listedCountries: listed.length > 0 ? new Set(listed) : undefined,
  }
}

function readPair(config: NumberSettings): Pair | undefined {
  const { M1, M2, FE, CUSTOMER } = config
  if (!M1 || !M2 || !FE || !CUSTOMER) return undefined
  const participant = (number: string, maskingNumber: string): Participant => ({
    number: registered(number, config),
    maskingNumber: registered(maskingNumber, config),
  })
  return { participants: [participant(FE, M1), participant(CUSTOMER, M2)] }
}

function registered(text: string, { DEFAULT_COUNTRY }: NumberSettings): PhoneNumber {
  const number = parsePhoneNumber(text, DEFAULT_COUNTRY)
  if (!number) throw new TypeError('a number of the configuration is not a phone number')
  return number
}
