import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { ComparedNumbersView } from '../src/api/account-number-schemas.js'
import { comparedNumberView } from '../src/api/account-number-view.js'
import { numberView } from '../src/api/number-view.js'
import { carrierUnavailable, noCarrierApi, ProblemError } from '../src/api/problem.js'
import { e164 } from '../src/masking/phone-number.js'
import { readAccountNumbers } from '../src/vobiz/account-numbers.js'
import type { VobizApiError } from '../src/vobiz/api-error.js'
import type { CarrierApi } from '../src/vobiz/carrier-api.js'
import { compareNumbers } from '../src/vobiz/compared-numbers.js'

/** What the account at the carrier has, beside what the pool has. */
const accountNumbers: FastifyPluginAsyncTypebox = async (app) => {
  const { carrierApi, config, maskingNumbers, pool } = app

  app.get(
    '/numbers/account',
    {
      schema: {
        operationId: 'compareNumbers',
        tags: ['Numbers'],
        summary: 'Compare the account at the carrier with the pool',
        description:
          'Nothing is changed. The carrier is asked each time. Real numbers of people stand in neither.',
        response: { 200: ComparedNumbersView },
      },
      config: {
        operation: {
          scope: 'numbers:write',
          replies: { 200: 'All numbers of the account, and then those of the pool that it does not have.' },
          problems: ['no_carrier_api', 'carrier_unavailable', 'store_unavailable'],
        },
      },
    },
    async () => {
      if (!carrierApi) throw new ProblemError(noCarrierApi)
      const { numbers } = await pool.look()
      const account = await ask(carrierApi)
      const compared = compareNumbers(numbers.map(numberView), account, maskingNumbers.ofPair.map(e164))
      return { has_application: account.ours !== undefined, numbers: compared.map(comparedNumberView) }
    },
  )

  async function ask({ account }: CarrierApi) {
    try {
      return await readAccountNumbers(account, config.VOBIZ_APP_NAME)
    } catch (error) {
      // Also a reply that is not as the API of the carrier writes it. No error of it quotes a number.
      const { status } = error as Partial<VobizApiError>
      app.log.warn({ status, err: error }, 'the carrier does not give the numbers of the account')
      throw new ProblemError(carrierUnavailable)
    }
  }
}

export default accountNumbers
