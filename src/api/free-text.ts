import { invalidRequest, ProblemError } from './problem.js'

/** A run of so many digits may be a person's number. */
const DIGITS_OF_A_NUMBER = /\d{7}/

/** Refuses a text that replies show where it may hold a real number. Throws a `ProblemError`. */
export function refuseNumberIn(text: string, field: string): void {
  if (DIGITS_OF_A_NUMBER.test(inPlainDigits(text).replace(/[\s().-]/g, '')))
    throw new ProblemError(invalidRequest('body', [{ field, message: 'may not hold a phone number' }]))
}

/** A text whose digits are those from 0 to 9, whatever their script: in Devanagari a number is as readable. */
export function inPlainDigits(text: string): string {
  return text.normalize('NFKC').replace(/\p{Nd}/gu, plainDigit)
}

/** Each script has its ten digits one behind the other. */
function plainDigit(digit: string): string {
  const place = digit.codePointAt(0) as number
  let zero = place
  while (/\p{Nd}/u.test(String.fromCodePoint(zero - 1))) zero -= 1
  return String((place - zero) % 10)
}
