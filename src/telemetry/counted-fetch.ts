import type { Meter } from './meter.js'

/** What became of a request to the API of the carrier. */
export type CarrierResult =
  | 'ok'
  | 'out_of_credit'
  | 'refused'
  | 'not_found'
  | 'too_many'
  | 'rejected'
  | 'failed'
  | 'no_answer'

/**
 * The same `fetch`, with what came of each request counted.
 *
 * @param onResult told of it too
 */
export function countedFetch(
  ask: typeof fetch,
  meter: Meter,
  onResult: (result: CarrierResult) => void,
): typeof fetch {
  return (input, init) => {
    const asked = ask(input, init)
    asked.then(
      ({ status }) => note(resultOf(status)),
      () => note('no_answer'),
    )
    return asked
  }

  function note(result: CarrierResult): void {
    meter.count('carrierRequests', result)
    onResult(result)
  }
}

const RESULTS: Readonly<Record<number, CarrierResult>> = {
  401: 'refused',
  402: 'out_of_credit',
  403: 'refused',
  404: 'not_found',
  429: 'too_many',
}

/** Redirects are not followed, so one is no answer to what was asked. */
export function resultOf(status: number): CarrierResult {
  if (status >= 200 && status < 300) return 'ok'
  if (status >= 500) return 'failed'
  return RESULTS[status] ?? 'rejected'
}
