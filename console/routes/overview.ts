import type { FastifyPluginAsync } from 'fastify'
import { overviewPage } from '../pages/overview.js'

/** How it is, and what needs attention. */
const overview: FastifyPluginAsync = async (app) => {
  app.get('/', async ({ texts }, reply) => reply.page(overviewPage(texts)))
}

export default overview
