/** The real numbers of all people in these tests, as the carrier writes them. None may be seen anywhere. */
export const PEOPLE = {
  agent: '918888800001',
  customer: '918888800002',
  rider: '918888800011',
  driver: '918888800012',
  newDriver: '918888800013',
  guest: '918888800021',
  host: '918888800022',
  buyer: '918888800031',
  seller: '918888800032',
  stranger: '917777700003',
} as const

/** More people, two of each session that only fills the lists. */
export const crowd = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, i) => String(919_811_100_000 + i))

/** Between two digits in whatever way a number is written: `+91 88888-00011`, also within a URL. */
const BETWEEN = '(?:[\\s().\\-+]|%20|%2B|&nbsp;| )*'
const spelt = (digits: string) => [...digits].join(BETWEEN)
const OF_CROWD = `${spelt('98111')}${BETWEEN}${Array.from({ length: 5 }, () => '\\d').join(BETWEEN)}`
/** By the national number, which is in every spelling. */
const ANYBODY = new RegExp(
  [...Object.values(PEOPLE).map((number) => spelt(number.slice(2))), OF_CROWD].join('|'),
  'g',
)

/** Real numbers in a text, however they are written. */
export function realNumbersIn(text: string): readonly string[] {
  return text.match(ANYBODY) ?? []
}
