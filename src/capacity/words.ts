const UNITS = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
] as const

/** Seconds in the largest unit that fits. */
export function timeOf(seconds: number): string {
  const unit = seconds > 0 ? UNITS.find(([, length]) => seconds % length === 0) : undefined
  return unit ? counted(seconds / unit[1], unit[0]) : counted(seconds, 'second')
}

/** A count with its noun. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`
}
