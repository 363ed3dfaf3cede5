import type { CountryCode } from 'libphonenumber-js'
import { parsePhoneNumber, wholeNumber } from '../masking/phone-number.js'
import { ProblemError, unfitNumber } from './problem.js'

/** What the number of a person is read with. */
export interface PersonRules {
  /** The country in which a national spelling is read. */
  readonly country: CountryCode
  readonly isMasking: (wholeNumber: string) => boolean
}

/**
 * The whole number of a person, in any spelling. Who could not be a participant any more can have been one, so only what is no
 * number is refused, with a `ProblemError`.
 */
export function readPerson(text: string, { country, isMasking }: PersonRules): string {
  const number = parsePhoneNumber(text, country)
  if (!number) throw new ProblemError(unfitNumber('invalid_number'))
  const whole = wholeNumber(number)
  if (isMasking(whole)) throw new ProblemError(unfitNumber('masking_number_as_participant'))
  return whole
}
