/** How much the busiest person held on a day. */
export interface DayPoint {
  /** In UTC: `2100-01-31`. */
  readonly day: string
  readonly held: number
}

/** How the use of the pool goes on, by a straight line through whole days. */
export interface Trend {
  /** How many days it is made of. */
  readonly days: number
  /** By how many numbers the busiest person holds more each day, in hundredths: less than 0 where it is less. */
  readonly perDay: number
  /** In how many days that person holds all of them at this rate; undefined: not within `MAX_AHEAD_DAYS`. */
  readonly goneInDays: number | undefined
}

/** Whole days without which no trend is told. */
export const MIN_TREND_DAYS = 3
/** Days beyond which a straight line tells nothing. */
export const MAX_AHEAD_DAYS = 365
const DAY_MS = 24 * 60 * 60 * 1_000

/**
 * The trend of the days before today, by least squares. Today is not over, so it tells only that it is not less. Undefined where
 * there are too few days.
 *
 * @param numbers how many numbers there are now
 * @param today in UTC: `2100-01-31`
 */
export function trendOf(
  points: readonly DayPoint[],
  { numbers, today }: { readonly numbers: number; readonly today: string },
): Trend | undefined {
  const whole = points.filter(({ day }) => day < today)
  if (whole.length < MIN_TREND_DAYS) return undefined
  // Days count from today, so the line is at its mean less the slope times the mean day there.
  const xs = whole.map(({ day }) => (Date.parse(day) - Date.parse(today)) / DAY_MS)
  const meanX = meanOf(xs)
  const meanHeld = meanOf(whole.map(({ held }) => held))
  const covariance = meanOf(whole.map(({ held }, i) => (Number(xs[i]) - meanX) * (held - meanHeld)))
  const variance = meanOf(xs.map((x) => (x - meanX) ** 2))
  // In whole hundredths, so that what is told fits together.
  const slope = Math.round((100 * covariance) / variance)
  const heldNow = points.find(({ day }) => day === today)?.held ?? 0
  const level = Math.max(Math.round(100 * (meanHeld - (covariance / variance) * meanX)), 100 * heldNow)
  const room = Math.max(100 * numbers - level, 0)
  const goneInDays = slope > 0 ? Math.ceil(room / slope) : Number.POSITIVE_INFINITY
  return {
    days: whole.length,
    perDay: slope / 100,
    goneInDays: goneInDays <= MAX_AHEAD_DAYS ? goneInDays : undefined,
  }
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}
