import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { ProblemError, sessionNotFound } from '../src/api/problem.js'
import { readSimulatedCall } from '../src/api/simulation-request.js'
import { SimulatedCall, SimulationView } from '../src/api/simulation-schemas.js'
import { simulationView } from '../src/api/simulation-view.js'
import { callDefaults } from '../src/config/call-defaults.js'
import { createSimulator } from '../src/simulator/simulator.js'

/** Plays calls that nobody makes. */
const simulations: FastifyPluginAsyncTypebox = async (app) => {
  const { config, maskingNumbers, memory, pool, storages } = app
  const { REJECTION_MESSAGE: rejection, CLOSED_MESSAGE: closed = rejection } = config
  const simulate = createSimulator({
    storage: storages.storage,
    numbers: maskingNumbers.ofPair,
    pool,
    fixed: maskingNumbers.fixed,
    restMs: memory.restMs,
    defaults: callDefaults(config),
    answerFirst: config.ANSWER_FIRST,
    pinLength: config.PIN_LENGTH,
    hasUrls: config.PUBLIC_BASE_URL !== undefined,
    rejection,
    closed,
  })

  app.post(
    '/simulations',
    {
      schema: {
        operationId: 'simulateCall',
        tags: ['Calls'],
        summary: 'Play a call through that nobody makes',
        body: SimulatedCall,
        response: { 200: SimulationView },
      },
      config: {
        operation: {
          scope: 'explain',
          limit: 'explain',
          replies: { 200: 'What would become of it.' },
          problems: ['session_not_found', 'store_unavailable'],
        },
      },
    },
    async (request) => {
      const { session_id: id, ahead_seconds: ahead = 0 } = request.body
      const named = id === undefined ? undefined : await app.sessions.find(id)
      if (id !== undefined && !named) throw new ProblemError(sessionNotFound)
      request.auditedSession = named?.id
      const call = readSimulatedCall(request.body, named)
      const simulation = await simulate({ ...call, aheadMs: ahead * 1_000, named })
      request.auditedSession ??= simulation.sessionId
      return simulationView(simulation)
    },
  )
}

export default simulations
