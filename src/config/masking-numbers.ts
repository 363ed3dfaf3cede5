import type { Pair, Participant } from '../masking/pair.js'
import { countryOf, isSameNumber, type PhoneNumber, parsePhoneNumber } from '../masking/phone-number.js'
import { entries } from './entries.js'
import type { Config } from './schema.js'

type NumberSettings = Pick<Config, 'M1' | 'M2' | 'FE' | 'CUSTOMER' | 'MASKING_NUMBERS' | 'DEFAULT_COUNTRY'>

/** The static pair of a validated configuration, if it has one. */
export function staticPair(config: NumberSettings): Pair | undefined {
  const { M1, M2, FE, CUSTOMER } = config
  if (!M1 || !M2 || !FE || !CUSTOMER) return undefined
  const participant = (number: string, maskingNumber: string): Participant => ({
    number: registered(number, config),
    maskingNumber: registered(maskingNumber, config),
  })
  return { participants: [participant(FE, M1), participant(CUSTOMER, M2)] }
}

/** The numbers that sessions may be given. */
export function pool(config: NumberSettings): PhoneNumber[] {
  return entries(config.MASKING_NUMBERS).map((text) => registered(text, config))
}

/** All masking numbers: of the static pair, then of the pool. */
export function maskingNumbers(config: NumberSettings): PhoneNumber[] {
  const ofPair = staticPair(config)?.participants.map(({ maskingNumber }) => maskingNumber) ?? []
  const all = [...ofPair, ...pool(config)]
  return all.filter((number, i) => all.findIndex((other) => isSameNumber(number, other)) === i)
}

/**
 * The countries of which a participant may be: those that `ALLOWED_COUNTRIES` lists, else those of the pool's numbers, because
 * the carrier ends calls to other countries. Without both there is nothing to go by, and no number to be given.
 */
export function allowedCountries(
  config: NumberSettings & Pick<Config, 'ALLOWED_COUNTRIES'>,
): ReadonlySet<string> | undefined {
  const listed = entries(config.ALLOWED_COUNTRIES)
  const countries = listed.length > 0 ? listed : pool(config).map(countryOf)
  return countries.length > 0 ? new Set(countries) : undefined
}

function registered(text: string, { DEFAULT_COUNTRY }: NumberSettings): PhoneNumber {
  const number = parsePhoneNumber(text, DEFAULT_COUNTRY)
  if (!number) throw new TypeError('a number of the configuration is not a phone number')
  return number
}
