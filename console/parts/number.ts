import type { PoolView } from '../../src/api/number-schemas.js'
import { CONSOLE } from '../hooks/staff.js'
import { type Html, html } from '../html.js'
import type { Texts } from '../texts/texts.js'
import { path } from '../urls.js'
import { badge, type Tone } from './words.js'

export const NUMBERS = `${CONSOLE}/numbers`

/** For so few more sessions of the busiest person it is time to rent more numbers. */
export const LOW_HEAD_ROOM = 1

/** The platform advises to show a number in at most 500 to 600 calls a day: with more, carriers take it for spam. */
export const ADVISED_CALLS = 500

/** A number of the pool as the API shows it. */
export type ShownNumber = PoolView['numbers'][number]

export function numberUrl(number: string): string {
  return NUMBERS + path`/${number}`
}

export function numberLink(number: string): Html {
  return html`<a href="${numberUrl(number)}"><code>${number}</code></a>`
}

const TONES: Readonly<Record<ShownNumber['state'], Tone>> = { active: 'good', draining: 'calm' }

export function stateBadge(state: ShownNumber['state'], { numbers }: Texts): Html {
  return badge(numbers.states[state], TONES[state])
}

export function countryName(country: string, { noCountry }: Texts['numbers']): string {
  return country === '001' ? noCountry : country
}
