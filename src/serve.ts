import { setTimeout as sleep } from 'node:timers/promises'
import closeWithGrace from 'close-with-grace'
import type { FastifyInstance } from 'fastify'
import { buildApp } from './app.js'
import { readEnvironment } from './config/environment.js'
import { listenHost } from './config/listen-host.js'
import { drainDelayMs } from './drain-delay.js'
import { createLogger } from './logger.js'
import { startFailure } from './start-failure.js'

/** Milliseconds that requests in flight may take once we stop accepting new ones. */
const CLOSE_GRACE_MS = 2_000
/** Milliseconds after which the process ends even if closing hangs. */
const CLOSE_LIMIT_MS = 4_000

/**
 * Runs the service until a signal or a crash ends the process. Resolves with the code with which the process should end
 * if nothing else happens: 0 once it listens; 1 where it cannot start, after it has said why on standard error.
 */
export async function serve(): Promise<0 | 1> {
  try {
    const app = buildApp({ environment: readEnvironment(), logger: createLogger() })
    await listen(app)
    closeOnSignal(app)
    return 0
  } catch (error) {
    console.error(`callmask cannot start. ${startFailure(error)}`)
    return 1
  }
}

/** What does not come to listen is closed, or what it has opened (such as a store) would keep the process alive. */
async function listen(app: FastifyInstance): Promise<void> {
  try {
    await app.ready()
    await app.listen({ host: listenHost(app.config), port: app.config.PORT })
  } catch (error) {
    await app.close()
    throw error
  }
}

function closeOnSignal(app: FastifyInstance): void {
  const delay = drainDelayMs({ configured: app.config.DRAIN_DELAY, stdin: process.stdin })
  closeWithGrace({ delay: delay + CLOSE_LIMIT_MS, logger: false }, async ({ signal, err }) => {
    if (err) app.log.fatal({ err }, 'crashed, closing')
    else app.log.info({ signal, drainDelayMs: delay }, 'draining')
    app.drain.begin()
    await sleep(err ? 0 : delay)
    await close(app)
    app.log.info('closed')
  })
}

/** Lets the requests in flight end, but not longer than `CLOSE_GRACE_MS`: a client may never end its own. */
async function close(app: FastifyInstance): Promise<void> {
  const force = setTimeout(() => app.server.closeAllConnections(), CLOSE_GRACE_MS)
  await app.close()
  clearTimeout(force)
}
