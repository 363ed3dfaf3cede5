import type { FastifyPluginAsync } from 'fastify'
import type { CheckupView } from '../../src/api/checkup-schemas.js'
import { bodyOf } from '../api.js'
import { needs } from '../needs.js'
import { checkupPage } from '../pages/checkup.js'

/** `doctor` in the browser. Nothing is examined before somebody asks for it. */
const checkup: FastifyPluginAsync = async (app) => {
  app.get('/checkup', async ({ staff, texts }, reply) => {
    needs('admin', staff)
    return reply.page(checkupPage({ formToken: staff.formToken }, texts))
  })

  app.post('/checkup', async ({ staff, texts }, reply) => {
    const found = bodyOf(await staff.api.send<CheckupView>('POST', '/checkup'))
    return reply.page(checkupPage({ formToken: staff.formToken, found }, texts))
  })
}

export default checkup
