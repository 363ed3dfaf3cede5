import { PAIR } from '../test/fixtures.js'

/** Whole numbers that differ in their last two digits, which are all that a reply shows. */
const numbersFrom = (first: number, count: number) =>
  Array.from({ length: count }, (_, i) => String(first + i))

export const PEOPLE = numbersFrom(919_800_000_010, 24)
/** They are in no session. */
export const STRANGERS = numbersFrom(919_700_000_050, 4)
/** They have one session with each other, which stays open. */
export const LIGHTHOUSE = ['919600000061', '919600000062'] as const
export const POOL = numbersFrom(919_000_000_101, 8)
export { PAIR }

const CROWD = 919_990_000_000

/** One of a hundred thousand people who are in none of the lists. */
export function someone(n: number): string {
  return String(CROWD + n)
}

const IN_CROWD = /99900\d{5}/g

const NATIONAL_DIGITS = 10
const REAL = [...PEOPLE, ...STRANGERS, ...LIGHTHOUSE, PAIR.FE, PAIR.CUSTOMER]

/** The real numbers that stand in a text. */
export function realNumbersIn(text: string): string[] {
  const known = REAL.filter((number) => text.includes(number.slice(-NATIONAL_DIGITS)))
  return [...known, ...(text.match(IN_CROWD) ?? [])]
}

export function pick<Item>(items: readonly Item[]): Item {
  return items[Math.floor(Math.random() * items.length)] as Item
}

export function between(least: number, most: number): number {
  return least + Math.random() * (most - least)
}
