import cookie from '@fastify/cookie'
import formbody from '@fastify/formbody'
import type { FastifyInstance } from 'fastify'
import { hasConsole } from '../src/config/console.js'
import assetFiles from './hooks/assets.js'
import pages from './hooks/pages.js'
import staff, { CONSOLE } from './hooks/staff.js'
import assets from './routes/assets.js'
import audit from './routes/audit.js'
import calls from './routes/calls.js'
import checkup from './routes/checkup.js'
import events from './routes/events.js'
import keys from './routes/keys.js'
import live from './routes/live.js'
import numbers from './routes/numbers.js'
import overview from './routes/overview.js'
import provider from './routes/provider.js'
import recordings from './routes/recordings.js'
import sessions from './routes/sessions.js'
import signIn from './routes/sign-in.js'
import simulator from './routes/simulator.js'
import webhooks from './routes/webhooks.js'
import why from './routes/why.js'

/** Bytes of the largest form. */
export const FORM_LIMIT = 32 * 1024

/**
 * The pages for people: what stands before them, and where each is.
 *
 * @param options.fetch how a provider of identities is reached
 */
export default async function readByStaff(
  app: FastifyInstance,
  { fetch }: { readonly fetch: typeof globalThis.fetch },
): Promise<void> {
  if (!hasConsole(app.config)) return
  app.register(
    async (scope) => {
      await scope.register(cookie)
      await scope.register(formbody, { bodyLimit: FORM_LIMIT })
      await scope.register(assetFiles)
      await scope.register(pages)
      await scope.register(staff)
      scope.register(assets)
      scope.register(signIn)
      scope.register(provider, { fetch })
      scope.register(overview)
      scope.register(live)
      scope.register(why)
      scope.register(sessions)
      scope.register(numbers)
      scope.register(events)
      scope.register(webhooks)
      scope.register(calls)
      scope.register(recordings)
      scope.register(simulator)
      scope.register(keys)
      scope.register(audit)
      scope.register(checkup)
    },
    { prefix: CONSOLE },
  )
}
