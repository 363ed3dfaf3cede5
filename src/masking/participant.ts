import type { CountryCode, NumberType } from 'libphonenumber-js/max'
import { type PhoneNumber, parseWithType, wholeNumber } from './phone-number.js'
import { readSpelling } from './spelling.js'

/** Why a number cannot be a participant's. */
export type Unfit =
  | 'invalid_number'
  | 'short_code'
  | 'emergency_number'
  | 'premium_number'
  | 'toll_free_number'
  | 'country_not_allowed'
  | 'masking_number_as_participant'

/** Numbers of this many digits and fewer are services of one network, not people. */
export const MAX_SHORT_CODE_DIGITS = 6

/** The emergency numbers that somebody could try: of India, of the GSM networks, of North America, of others. */
const EMERGENCY = new Set([
  '100',
  '101',
  '102',
  '108',
  '110',
  '111',
  '112',
  '118',
  '119',
  '911',
  '933',
  '988',
  '999',
  '000',
])

/** Types of numbers that charge the caller extra. */
const PREMIUM: ReadonlySet<NumberType> = new Set<NumberType>(['PREMIUM_RATE', 'SHARED_COST'])

/** Whether a number of this kind costs whoever calls it. */
export function isPremium(type: NumberType): boolean {
  return PREMIUM.has(type)
}

/** What decides whether a number can be a participant's. */
export interface ParticipantRules {
  /** The country in which a national spelling is read. */
  readonly country: CountryCode
  /** The countries of which a participant may be, as `countryOf` tells them; any, where it is undefined. */
  readonly allowedCountries: ReadonlySet<string> | undefined
  readonly isMasking: (wholeNumber: string) => boolean
}

/** Reads a participant's number at the door, in any spelling, or says why it cannot be one. */
export function readParticipant(text: string, rules: ParticipantRules): PhoneNumber | Unfit {
  const read = readCallable(text, rules)
  if (typeof read === 'string') return read
  return read.type === 'TOLL_FREE' ? 'toll_free_number' : ofAllowedCountry(read, rules)
}

/** Reads the number of a line of the business, which may be free of charge. Else it is held to the same rules. */
export function readSupportNumber(text: string, rules: ParticipantRules): PhoneNumber | Unfit {
  const read = readCallable(text, rules)
  return typeof read === 'string' ? read : ofAllowedCountry(read, rules)
}

type Callable = NonNullable<ReturnType<typeof parseWithType>>

/** A number that is no service of a network, costs nobody extra, and is none of ours. */
function readCallable(text: string, { country, isMasking }: ParticipantRules): Callable | Unfit {
  const spelling = readSpelling(text)
  if (!spelling) return 'invalid_number'
  if (EMERGENCY.has(spelling.digits)) return 'emergency_number'
  if (spelling.digits.length <= MAX_SHORT_CODE_DIGITS) return 'short_code'
  const read = parseWithType(text, country)
  if (!read) return 'invalid_number'
  if (isMasking(wholeNumber(read.number))) return 'masking_number_as_participant'
  return isPremium(read.type) ? 'premium_number' : read
}

function ofAllowedCountry(
  { number, country }: Callable,
  { allowedCountries }: ParticipantRules,
): PhoneNumber | Unfit {
  return allowedCountries && !allowedCountries.has(country) ? 'country_not_allowed' : number
}
