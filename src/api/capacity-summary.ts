import { MAX_AHEAD_DAYS, MIN_TREND_DAYS } from '../capacity/trend.js'
import { counted, timeOf } from '../capacity/words.js'
import { MAX_POOL_NUMBERS } from '../masking/pool.js'
import type { CapacityView, RentView, UseView } from './capacity-schemas.js'

/**
 * How far the pool goes, in sentences that need no other page.
 *
 * @param today in UTC: `2100-01-31`
 */
export function capacitySummary(
  { all, countries, rent, days }: Omit<CapacityView, 'summary'>,
  today: string,
): string[] {
  const wholeDays = days.filter(({ day }) => day < today).length
  return [
    poolSentence(all),
    ...useSentences(all),
    ...(countries.length > 1 ? countries.flatMap(countrySentence) : []),
    ...(all.head_room === 0 ? [] : [trendSentence(all, wholeDays)]),
    ...(rent ? rentSentences(rent) : []),
  ]
}

function poolSentence({ numbers, draining }: UseView): string {
  if (numbers === 0) return 'There is no number that new sessions can be given: rent some.'
  const given = `New sessions can be given ${counted(numbers, 'number')}`
  return draining === 0
    ? `${given}.`
    : `${given}, and ${counted(draining, 'other')} ${draining === 1 ? 'drains' : 'drain'}.`
}

/** How many people there must be for a sentence about 99 in 100 of them. */
const MANY = 100

function useSentences({ numbers, people, head_room, ...use }: UseView): string[] {
  if (people === null || head_room === null) {
    return [
      'How they are used is not counted yet: ask again in some seconds, with very many people in minutes.',
    ]
  }
  if (people === 0) return [`Nobody has an open session, so head-room is ${numbers}.`]
  const have = people === 1 ? 'has' : 'have'
  return [
    `${counted(people, 'person', 'people')} ${have} an open session. The busiest of them holds ${use.held_by_busiest} of the numbers, open or at rest${people < MANY ? '' : `; 99 in 100 hold ${use.held_by_99_in_100} or fewer`}.`,
    head_room === 0
      ? 'Head-room is 0: the next session of that person is refused. Rent more numbers now.'
      : `Head-room is ${head_room}: so many more sessions that person can have before one is refused.`,
  ]
}

/** People get numbers of their own country for as long as there are any. */
function countrySentence({ country, numbers, head_room }: CapacityView['countries'][number]): string[] {
  if (head_room !== 0 || numbers === 0) return []
  return [
    `Somebody holds all ${counted(numbers, 'number')} of ${country}: their next session gets a number of another country, if one is free.`,
  ]
}

function trendSentence({ trend }: UseView, whole: number): string {
  if (!trend) {
    return `It is too early for a trend: there ${whole === 1 ? 'is' : 'are'} ${counted(whole, 'whole day')} of counts, and it takes ${MIN_TREND_DAYS}.`
  }
  const { per_day, gone_in_days, gone_on } = trend
  const by = `By the last ${trend.days} days`
  if (per_day <= 0) return `${by} the busiest person does not hold more from day to day.`
  const rate = `${by} the busiest person holds ${per_day} more each day`
  if (gone_in_days === null) return `${rate}: the numbers last for more than ${MAX_AHEAD_DAYS} days.`
  return gone_in_days === 0
    ? `${rate}: at this rate the last number is gone today.`
    : `${rate}: at this rate the last number is gone on ${gone_on}, in ${counted(gone_in_days, 'day')}.`
}

function rentSentences({ numbers, numbers_if_even, to_rent, ...asked }: RentView): string[] {
  const { sessions_per_person, sessions_per_day, rest } = asked
  const demand = [
    `${counted(sessions_per_person, 'open session')} a person`,
    ...(sessions_per_day === null ? [] : [`${counted(sessions_per_day, 'session')} a day`]),
  ].join(', ')
  const need = `For ${demand} and a rest of ${timeOf(rest)} ${counted(numbers, 'number')} ${numbers === 1 ? 'is' : 'are'} always enough`
  const told = to_rent === 0 ? `${need}: you have them.` : `${need}: rent ${to_rent} more.`
  return [
    told,
    ...(numbers_if_even === null || numbers_if_even === numbers
      ? []
      : [`Where the sessions end evenly through day and night ${numbers_if_even} are.`]),
    ...(numbers > MAX_POOL_NUMBERS
      ? [`A pool has at most ${MAX_POOL_NUMBERS}: let numbers rest for a shorter time.`]
      : []),
  ]
}
