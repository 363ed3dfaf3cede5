/**
 * A phone number as somebody spelled it: `918888800001`, `+91 88888 00001`, `08888800001`.
 * It is not known yet which number it means; `readings` lists the possibilities.
 */
export interface Spelling {
  /** Decimal digits only, without `+` or `00`. */
  readonly digits: string
  /** True after `+` or `00`: the digits then are the whole number and nothing else. */
  readonly international: boolean
}

/** E.164 allows 15 digits; a trunk `0` and a carrier's oddity may come on top. More is not a number. */
export const MAX_DIGITS = 20

const SEPARATORS = /[\s()./\p{Pd}\p{Cf}]/gu
const NUMBER = new RegExp(`^(\\+|00)?(\\d{1,${MAX_DIGITS}})$`)

/** Reads a spelling; undefined when the text is not a phone number at all (`anonymous`, a SIP address, nothing). */
export function readSpelling(text: string): Spelling | undefined {
  const match = NUMBER.exec(text.replace(SEPARATORS, ''))
  if (!match) return undefined
  const [, prefix, digits = ''] = match
  return { digits, international: prefix !== undefined }
}

/**
 * The whole numbers (country code and national number, no `+`) that a spelling may mean, likeliest first.
 * Without `+` or `00` it may be the whole number, the national number, or `0` and the national number,
 * the last two read in the given country. Two numbers are the same exactly when one is a reading of the other.
 *
 * @param countryCode calling code digits in which a national spelling is read: `91`
 */
export function readings(spelling: Spelling, countryCode: string): string[] {
  const { digits, international } = spelling
  if (international) return [digits]
  const national = [digits, countryCode + digits]
  return digits.startsWith('0') ? [...national, countryCode + digits.slice(1)] : national
}
