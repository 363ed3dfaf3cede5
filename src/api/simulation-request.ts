import type { Session } from '../masking/session.js'
import { invalidRequest, ProblemError } from './problem.js'
import type { SimulatedCall } from './simulation-schemas.js'

/**
 * Who calls whom in a simulation, from a request. Throws a `ProblemError` where it does not say so in one of the two ways.
 *
 * @param named the session that the request names
 */
export function readSimulatedCall({ from, to, caller }: SimulatedCall, named: Session | undefined) {
  if (from !== undefined && to !== undefined && caller === undefined) return { from, to }
  if (from !== undefined || caller === undefined || !named) throw new ProblemError(NO_CALL)
  const { number, maskingNumber } = named.participants[caller]
  return { from: `+${number}`, to: to ?? `+${maskingNumber}` }
}

const NO_CALL = invalidRequest('body', [
  {
    field: '',
    message: 'says neither who calls whom (from and to) nor which participant (session_id and caller)',
  },
])
