import type { ComparedNumber } from '../vobiz/compared-numbers.js'
import type { ComparedNumberView } from './account-number-schemas.js'

/** A number of the account or the pool as the API shows it. */
export function comparedNumberView(compared: ComparedNumber): ComparedNumberView {
  const { number, country, pool, application, unfit } = compared
  return {
    number,
    country,
    in_pool: pool !== undefined && pool !== 'static pair',
    in_account: application !== undefined,
    state: pool === 'static pair' ? 'static_pair' : (pool ?? null),
    application: application ?? null,
    problem: unfit?.seen ?? null,
    remedy: unfit?.remedy ?? null,
  }
}
