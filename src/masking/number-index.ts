import { type PhoneNumber, wholeNumber, wireSpellings } from './phone-number.js'
import type { Spelling } from './spelling.js'

/** Numbers, to be found by any of their spellings. */
export type NumberIndex = (dialled: Spelling) => PhoneNumber | undefined

/** @param numbers no two of which can be taken for each other; the first would be found */
export function indexNumbers(numbers: readonly PhoneNumber[]): NumberIndex {
  const bySpelling = new Map<string, PhoneNumber>()
  for (const number of [...numbers].reverse()) {
    for (const spelling of wireSpellings(number)) bySpelling.set(spelling, number)
  }
  return ({ digits, international }) => {
    const number = bySpelling.get(digits)
    return number && international && digits !== wholeNumber(number) ? undefined : number
  }
}
