import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import type { FastifyInstance } from 'fastify'
import { hasConsole } from './config/console.js'
import { adminHost, listenHost } from './config/listen-host.js'
import { listenerUrl } from './listener-url.js'

/**
 * Listens where the configuration says: for calls, and where there is an `ADMIN_PORT`, there for the business. What does not
 * come to listen is closed, or what it has opened (such as a store) would keep the process alive.
 */
export async function listen(app: FastifyInstance): Promise<void> {
  try {
    await app.ready()
    // Before the other one, so that there are no calls yet when this one fails.
    await listenForBusiness(app)
    await app.listen({ host: listenHost(app.config), port: app.config.PORT })
    tellOfConsole(app)
  } catch (error) {
    await app.close()
    throw error
  }
}

async function listenForBusiness({ adminServer, config, log }: FastifyInstance): Promise<void> {
  if (!adminServer) return
  try {
    await once(adminServer.listen({ host: adminHost(config), port: config.ADMIN_PORT }), 'listening')
  } catch (error) {
    throw new AdminListenError(error)
  }
  const { address, port } = adminServer.address() as AddressInfo
  log.info({ address, port }, 'the API has a listener of its own')
}

/** Says where people find their pages. */
function tellOfConsole({ adminServer, config, log, server }: FastifyInstance): void {
  if (!hasConsole(config)) return
  const url = listenerUrl((adminServer ?? server).address() as AddressInfo)
  log.info(`the console is at ${url}/console`)
}

/** The listener of the business cannot listen; the cause is what Node says of it. */
export class AdminListenError extends Error {
  override readonly name = 'AdminListenError'

  constructor(cause: unknown) {
    super('ADMIN_PORT cannot be listened to', { cause })
  }
}
