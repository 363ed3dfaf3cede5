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

/**
 * Reads a spelling, also in a `tel:` URI; undefined when the text is not a phone number at all (`anonymous`, a SIP address,
 * nothing).
 */
export function readSpelling(text: string): Spelling | undefined {
  const bare = text.replace(SEPARATORS, '')
  // The URI comes last, so that it costs nothing where the text is a number.
  return readNumber(bare) ?? readNumber(numberOfTelUri(bare))
}

function readNumber(bare: string): Spelling | undefined {
  const match = NUMBER.exec(bare)
  if (!match) return undefined
  const [, prefix, digits = ''] = match
  return { digits, international: prefix !== undefined }
}

const TEL_URI = /^tel:([^;]*)(.*)$/i
const BEHIND_THE_NUMBER = /;(ext|isub)=/i
// Its hyphen is gone with the separators.
const PHONE_CONTEXT = /;phonecontext=([^;]*)/i

/**
 * The number in a `tel:` URI (RFC 3966); empty where there is none. A context of digits (`;phone-context=+91`) belongs before
 * a local number. An extension or a subaddress is somebody behind the number whom nobody can dial, so such a URI has none.
 * Other parameters change nothing.
 */
function numberOfTelUri(bare: string): string {
  const [, number = '', parameters = ''] = TEL_URI.exec(bare) ?? []
  if (BEHIND_THE_NUMBER.test(parameters)) return ''
  if (number.startsWith('+')) return number
  const [, context = ''] = PHONE_CONTEXT.exec(parameters) ?? []
  return context + number
}

/**
 * The whole numbers (country code and national number, no `+`) that a spelling may mean, likeliest first.
 * Without `+` or `00` it may be the whole number, the national number, or `0` and the national number,
 * the last two read in the given country. They count only where the digits are no valid number of some country.
 *
 * @param countryCode calling code digits in which a national spelling is read: `91`
 */
export function readings(spelling: Spelling, countryCode: string): [string, ...string[]] {
  const { digits, international } = spelling
  if (international) return [digits]
  const national = countryCode + digits
  return digits.startsWith('0') ? [digits, national, countryCode + digits.slice(1)] : [digits, national]
}

/** No calling code begins with 0. */
export function canBeWhole({ digits }: Spelling): boolean {
  return !digits.startsWith('0')
}
