/** The middle of some measurements, and between which two values their middle half lies. */
export interface Spread {
  readonly median: number
  readonly low: number
  readonly high: number
}

/** Median and quartiles. */
export function spreadOf(values: readonly number[]): Spread {
  const ordered = values.toSorted((a, b) => a - b)
  return { median: quantile(ordered, 0.5), low: quantile(ordered, 0.25), high: quantile(ordered, 0.75) }
}

/** @param ordered from the least; between two of them it is interpolated */
export function quantile(ordered: readonly number[] | Float64Array, share: number): number {
  const place = (ordered.length - 1) * share
  const [below, above] = [ordered[Math.floor(place)] ?? Number.NaN, ordered[Math.ceil(place)] ?? Number.NaN]
  return below + (above - below) * (place - Math.floor(place))
}
