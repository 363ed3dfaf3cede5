import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { CheckupView } from '../src/api/checkup-schemas.js'

/** Says whether calls can come here and be answered, as `callmask doctor` does. */
const checkup: FastifyPluginAsyncTypebox = async (app) => {
  app.post(
    '/checkup',
    {
      schema: {
        operationId: 'runCheckup',
        tags: ['Service'],
        summary: 'Examine the account, the store and the way to the service',
        description:
          'As `callmask doctor` does, with the settings of this instance. It asks the carrier and PUBLIC_BASE_URL, changes nothing, and may take 25 seconds. While it goes on, whoever asks gets the same findings.',
        response: { 200: CheckupView },
      },
      config: {
        operation: { scope: 'admin', limit: 'explain', replies: { 200: 'What was found.' }, problems: [] },
      },
    },
    async () => {
      const findings = await app.checkUp()
      return { healthy: findings.every(({ ok }) => ok), findings }
    },
  )
}

export default checkup
