import { invalidRequest, ProblemError } from './problem.js'

/** A query with its times in milliseconds since 1970. Throws a `ProblemError` for a time that there is not. */
export function readTimes<Query extends Times>({ from, to, ...query }: Query) {
  return { ...query, from: timeIn('from', from), to: timeIn('to', to) }
}

interface Times {
  readonly from?: string
  readonly to?: string
}

function timeIn(field: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const at = Date.parse(text)
  if (!Number.isNaN(at)) return at
  // Such as a leap second.
  throw new ProblemError(invalidRequest('query', [{ field, message: 'is no time that can be read' }]))
}
