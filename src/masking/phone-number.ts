import type { CountryCode, NumberType, PhoneNumber as ParsedNumber } from 'libphonenumber-js/max'
import { requirePackage } from '../common-js.js'
import { readSpelling } from './spelling.js'

const { isSupportedCountry, parsePhoneNumberFromString } = requirePackage(
  'libphonenumber-js/max',
) as typeof import('libphonenumber-js/max')

/** A registered number, split once at the door so that the call path only compares digits. */
export interface PhoneNumber {
  /** Calling code of the country: `91`. */
  readonly countryCode: string
  /** The rest: `8888800001`. */
  readonly national: string
  /** How it is sent to the carrier: as it was registered, without separators. */
  readonly dialable: string
}

/** Country code and national number in one, without `+`: `918888800001`. The identity of a number. */
export function wholeNumber(number: PhoneNumber): string {
  return number.countryCode + number.national
}

/** As the API writes a number: `+918888800001`. */
export function e164(number: PhoneNumber): string {
  return `+${wholeNumber(number)}`
}

export function isSameNumber(a: PhoneNumber, b: PhoneNumber): boolean {
  return wholeNumber(a) === wholeNumber(b)
}

/** True for an ISO 3166 country that has phone numbers: `IN`. */
export function isCountry(text: string): text is CountryCode {
  return isSupportedCountry(text)
}

/** Stands for all countries in place of a country's code: the `+800`, `+882` and the like belong to no single one. */
export const WORLD = '001'

/** The country of a number, or `WORLD`: `IN`. Countries that share a calling code are told apart. */
export function countryOf(number: PhoneNumber): string {
  return parsePhoneNumberFromString(e164(number))?.country ?? WORLD
}

/**
 * Reads a number at the door (configuration, API), where libphonenumber decides what is valid.
 * Without `+` or `00` it is read as a national number of the default country first, then as a whole number.
 * Undefined when no such number can exist.
 */
export function parsePhoneNumber(text: string, defaultCountry: CountryCode): PhoneNumber | undefined {
  return parseWithType(text, defaultCountry)?.number
}

/** A number, and what libphonenumber knows about it. */
export interface KnownNumber {
  readonly number: PhoneNumber
  /** What kind of number it is: `MOBILE`, `PREMIUM_RATE`. */
  readonly type: NumberType
  /** As `countryOf` tells it. */
  readonly country: string
}

/** The same, with all that is known about the number. */
export function parseWithType(text: string, defaultCountry: CountryCode): KnownNumber | undefined {
  const spelling = readSpelling(text)
  if (!spelling) return undefined
  const { digits, international } = spelling
  const national = international ? undefined : typed(parsePhoneNumberFromString(digits, defaultCountry))
  const read = national ?? typed(parsePhoneNumberFromString(`+${digits}`))
  if (!read) return undefined
  const { countryCallingCode: countryCode, nationalNumber } = read.parsed
  const plus = text.includes('+') ? '+' : ''
  const number = { countryCode, national: nationalNumber, dialable: plus + countryCode + nationalNumber }
  return { number, type: read.type, country: read.parsed.country ?? WORLD }
}

/** Splits a number that was valid when it was registered, without asking whether it still is: what is valid changes. */
export function splitNumber(whole: string): PhoneNumber {
  const countryCode = parsePhoneNumberFromString(`+${whole}`)?.countryCallingCode ?? ''
  return { countryCode, national: whole.slice(countryCode.length), dialable: `+${whole}` }
}

/** With its type, which exactly the valid numbers have; asking for both would cost as much again. */
function typed(parsed: ParsedNumber | undefined) {
  const type = parsed?.getType()
  return parsed && type ? { parsed, type } : undefined
}

/**
 * Whether digits are a valid number of some country, with its calling code and without `+`. Costs much more than comparing
 * digits, so the call path asks only for callers whom nobody knows by these digits.
 */
export function isWholeNumber(digits: string): boolean {
  return parsePhoneNumberFromString(`+${digits}`)?.isValid() ?? false
}

/** Of a number with fewer digits, two would tell too much. */
const MIN_DIGITS_FOR_HINT = 7

/** What may be shown of a real number, its last two digits: `01`. */
export function hint(digits: string): string | undefined {
  return digits.length < MIN_DIGITS_FOR_HINT ? undefined : digits.slice(-2)
}

/**
 * True when the carrier may spell both alike (it sends `To` in national form, without the country),
 * so that a call to one could be taken for a call to the other.
 */
export function areConfusable(a: PhoneNumber, b: PhoneNumber): boolean {
  const spellings = new Set(wireSpellings(a))
  return wireSpellings(b).some((spelling) => spellings.has(spelling))
}

/** Every way to write the number in bare digits: whole, national, national after a trunk `0`. */
export function wireSpellings(number: PhoneNumber): string[] {
  return [wholeNumber(number), number.national, `0${number.national}`]
}
