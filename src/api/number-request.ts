import type { CountryCode } from 'libphonenumber-js'
import {
  areConfusable,
  isSameNumber,
  type PhoneNumber,
  parsePhoneNumber,
  splitNumber,
  wholeNumber,
  wireSpellings,
} from '../masking/phone-number.js'
import { MAX_POOL_NUMBERS, type PoolNumber, type PoolStep } from '../masking/pool.js'
import { refuseNumberIn } from './free-text.js'
import type { NewNumbers } from './number-schemas.js'
import { ProblemError, poolFull, unfitMaskingNumber } from './problem.js'

/** A number that is to be in the pool. */
export interface WantedNumber {
  readonly split: PhoneNumber
  readonly label: string | undefined
}

export interface NumbersReader {
  /** The country in which a national spelling is read. */
  readonly country: CountryCode
  /** Masking numbers besides those of the pool. */
  readonly others: readonly PhoneNumber[]
  /** Numbers of people whom the configuration names. */
  readonly people: readonly PhoneNumber[]
}

/** The numbers that a request wants in the pool. Throws a `ProblemError` that says what is wrong. */
export function readNewNumbers(
  { numbers }: NewNumbers,
  { country, others, people }: NumbersReader,
): WantedNumber[] {
  const read: WantedNumber[] = []
  for (const [i, { number: text, label }] of numbers.entries()) {
    const split = parsePhoneNumber(text, country)
    if (!split) throw new ProblemError(unfitMaskingNumber('invalid_masking_number', i))
    if (people.some((number) => isSameNumber(number, split)))
      throw new ProblemError(unfitMaskingNumber('participant_as_masking_number', i))
    const before = [...others, ...read.map(({ split }) => split)]
    if (before.some((other) => !isSameNumber(other, split) && areConfusable(other, split)))
      throw new ProblemError(unfitMaskingNumber('confusable_number', i))
    read.push({ split, label: readLabel(label, `numbers.${i}.label`) })
  }
  return read
}

/** @param field where it stands in the request */
export function readLabel(label: string | undefined, field: string): string | undefined {
  if (label !== undefined) refuseNumberIn(label, field)
  return label === '' ? undefined : label
}

/** The step that puts numbers into the pool. Those that are there stay as they are. */
export function adding(wanted: readonly WantedNumber[]): PoolStep {
  return (numbers) => {
    const known = new Set(numbers.map(({ number }) => number))
    const spellings = new Set(numbers.flatMap(({ number }) => wireSpellings(splitNumber(number))))
    const added = new Map<string, PoolNumber>()
    for (const [i, { split, label }] of wanted.entries()) {
      const number = wholeNumber(split)
      if (known.has(number)) continue
      if (wireSpellings(split).some((spelling) => spellings.has(spelling)))
        throw new ProblemError(unfitMaskingNumber('confusable_number', i))
      if (!added.has(number)) added.set(number, { number, state: 'active', ...(label && { label }) })
    }
    if (added.size === 0) return numbers
    if (numbers.length + added.size > MAX_POOL_NUMBERS) throw new ProblemError(poolFull)
    return [...numbers, ...added.values()]
  }
}
