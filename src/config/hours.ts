import { DAYS, type Day, type Hours, isTimeZone } from '../masking/call-options.js'

const TIME = '([01]\\d|2[0-3]):[0-5]\\d'
const HOURS = new RegExp(`^(?<days>[a-z,-]+) (?<from>${TIME})-(?<to>${TIME}) (?<zone>[\\w/+-]+)$`)

/** The hours that a text means, such as `mon-fri,sun 09:00-21:00 Asia/Kolkata`; undefined when it means none. */
export function readHours(text: string): Hours | undefined {
  const { days = '', from = '', to = '', zone = '' } = HOURS.exec(text.trim())?.groups ?? {}
  const named = days.split(',').map(readDays)
  if (named.includes(undefined) || from === to || !isTimeZone(zone)) return undefined
  return { days: DAYS.filter((day) => named.some((some) => some?.includes(day))), from, to, timeZone: zone }
}

/** A day, or from one to another. */
function readDays(text: string): readonly Day[] | undefined {
  const ends = text.split('-').map((day) => DAYS.indexOf(day as Day))
  const [first = -1, last = first] = ends
  if (ends.length > 2 || ends.includes(-1)) return undefined
  const days = [...DAYS, ...DAYS].slice(first, last < first ? last + DAYS.length + 1 : last + 1)
  return days
}
