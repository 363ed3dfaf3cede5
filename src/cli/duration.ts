const SECONDS_OF: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400 }

/** Seconds of a duration such as `90d`, `12h`, `30m` or `3600s`; not a number where it is none. */
export function secondsIn(text: string): number {
  const [, count, unit = ''] = /^(\d{1,9})([smhd])$/.exec(text) ?? []
  return Number(count) * Number(SECONDS_OF[unit])
}
