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
  const own = named.participants.map(({ maskingNumber }) => `+${maskingNumber}`)
  // On other numbers it would find the other sessions of a person whose number the asker does not know.
  if (to !== undefined && !own.includes(to)) throw new ProblemError(OTHER_NUMBER)
  return { from: `+${number}`, to: to ?? `+${maskingNumber}` }
}

const NO_CALL = invalidRequest('body', [
  {
    field: '',
    message: 'must say either who calls whom (from and to) or which participant (session_id and caller)',
  },
])

const OTHER_NUMBER = invalidRequest('body', [
  { field: 'to', message: 'is no masking number of this session, written as it shows them' },
])
