import type { CountryCode, NumberType } from 'libphonenumber-js/max'
import { type PhoneNumber, parseWithType, wholeNumber } from './phone-number.js'
import { readSpelling } from './spelling.js'

/** Why a number cannot be a participant's. */
export type Unfit =
  | 'invalid_number'
  | 'short_code'
  | 'emergency_number'
  | 'premium_number'
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

/** Kinds of numbers that cost whoever calls them. */
const PREMIUM: ReadonlySet<NumberType> = new Set<NumberType>(['PREMIUM_RATE', 'SHARED_COST'])

/** Reads a participant's number at the door, in any spelling, or says why it cannot be one. */
export function readParticipant(
  text: string,
  { country, isMasking }: { country: CountryCode; isMasking: (wholeNumber: string) => boolean },
): PhoneNumber | Unfit {
  const spelling = readSpelling(text)
  if (!spelling) return 'invalid_number'
  if (EMERGENCY.has(spelling.digits)) return 'emergency_number'
  if (spelling.digits.length <= MAX_SHORT_CODE_DIGITS) return 'short_code'
  const read = parseWithType(text, country)
  if (!read) return 'invalid_number'
  const { number, type } = read
  if (isMasking(wholeNumber(number))) return 'masking_number_as_participant'
  return PREMIUM.has(type) ? 'premium_number' : number
}
