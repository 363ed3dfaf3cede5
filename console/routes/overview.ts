import type { FastifyPluginAsync } from 'fastify'
import { overviewData } from '../overview-data.js'
import { overviewPage } from '../pages/overview.js'

/** How it is, and what needs attention. */
const overview: FastifyPluginAsync = async (app) => {
  app.get('/', async ({ staff, texts }, reply) =>
    reply.page(overviewPage(await overviewData(staff, app.clock.now()), texts)),
  )
}

export default overview
