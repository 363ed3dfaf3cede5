import { DAY_MS, HOUR_MS, type HourRange } from '../calls/call-counts.js'
import { invalidRequest, ProblemError } from './problem.js'

/** How many days somebody may ask about at once. */
export const MAX_SUMMARY_DAYS = 31

/** The hours that a request asks about. Throws a `ProblemError` that says what is wrong. */
export function readRange(
  { from, to }: { readonly from: number | undefined; readonly to: number | undefined },
  now: number,
): HourRange {
  const end = to === undefined ? hourOf(now) + HOUR_MS : hourOf(to + HOUR_MS - 1)
  const begin = from === undefined ? end - DAY_MS : hourOf(from)
  // Told of the times as they were asked: one hour more may be begun.
  const asked = (to ?? end) - (from ?? begin)
  if (asked <= 0) throw refusal('must be before the end')
  if (asked > MAX_SUMMARY_DAYS * DAY_MS)
    throw refusal(`must be at most ${MAX_SUMMARY_DAYS} days before the end`)
  return { from: begin, to: end }
}

function hourOf(at: number): number {
  return Math.floor(at / HOUR_MS) * HOUR_MS
}

function refusal(message: string): ProblemError {
  return new ProblemError(invalidRequest('query', [{ field: 'from', message }]))
}
