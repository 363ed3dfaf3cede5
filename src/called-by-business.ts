import type { FastifyInstance } from 'fastify'
import apiGate from '../plugins/api-gate.js'
import browserHeaders from '../plugins/browser-headers.js'
import docsAccess from '../plugins/docs-access.js'
import knownPaths from '../plugins/known-paths.js'
import openapi from '../plugins/openapi.js'
import problems from '../plugins/problems.js'
import strictBodies from '../plugins/strict-bodies.js'
import tracedRequests from '../plugins/traced-requests.js'
import accountNumbers from '../routes/account-numbers.js'
import audit from '../routes/audit.js'
import callRoutes from '../routes/calls.js'
import capacity from '../routes/capacity.js'
import checkup from '../routes/checkup.js'
import deliveries from '../routes/deliveries.js'
import docs from '../routes/docs.js'
import events from '../routes/events.js'
import explain from '../routes/explain.js'
import keys from '../routes/keys.js'
import me from '../routes/me.js'
import numbers from '../routes/numbers.js'
import peopleRoutes from '../routes/people.js'
import recordings from '../routes/recordings.js'
import sessionRoutes from '../routes/sessions.js'
import simulations from '../routes/simulations.js'
import status from '../routes/status.js'
import webhooks from '../routes/webhooks.js'
import { API_PREFIX } from './api/description.js'

/** The API, its description, and what stands before them. */
export default async function calledByBusiness(app: FastifyInstance): Promise<void> {
  warnOfOnePort(app)
  await app.register(browserHeaders)
  await app.register(openapi)
  app.register(async (description) => {
    await description.register(docsAccess)
    description.register(docs)
  })
  app.register(
    async (api) => {
      await api.register(problems)
      await api.register(apiGate)
      await api.register(tracedRequests, { trace: "asker's" })
      await api.register(knownPaths)
      await api.register(strictBodies)
      api.register(sessionRoutes)
      api.register(callRoutes)
      api.register(recordings)
      api.register(events)
      api.register(webhooks)
      api.register(deliveries)
      api.register(peopleRoutes)
      api.register(numbers)
      api.register(accountNumbers)
      api.register(capacity)
      api.register(explain)
      api.register(simulations)
      api.register(keys)
      api.register(me)
      api.register(audit)
      api.register(checkup)
      api.register(status)
    },
    { prefix: API_PREFIX },
  )
}

/** Elsewhere one port is fine: it is for trying out. */
function warnOfOnePort({ adminServer, config, log }: FastifyInstance): void {
  if (adminServer || config.NODE_ENV !== 'production') return
  log.warn('the API is on the port of the calls: set ADMIN_PORT to give it one of its own')
}
