import { setTimeout as sleep } from 'node:timers/promises'
import closeWithGrace from 'close-with-grace'
import type { FastifyInstance } from 'fastify'
import type { Logger } from 'pino'
import { buildApp } from './app.js'
import { type Environment, readEnvironment, readEnvironmentFile } from './config/environment.js'
import { drainAndClose } from './drain-and-close.js'
import { drainDelayMs } from './drain-delay.js'
import { listen } from './listen.js'
import { createLogger } from './logger.js'
import { startFailure } from './start-failure.js'

/** Milliseconds that the last lines of the log may take. */
const FLUSH_LIMIT_MS = 500
/** Milliseconds after which the process ends even if closing hangs. */
const CLOSE_LIMIT_MS = 4_000

/**
 * Runs the service until a signal or a crash ends the process. Resolves with the code with which the process should end
 * if nothing else happens: 0 once it listens; 1 where it cannot start, after it has said why on standard error.
 */
export async function serve(): Promise<0 | 1> {
  const logger = createLogger()
  const hangup = takeHangups()
  let app: FastifyInstance
  const giveUp = (error: Error) => {
    console.error(`callmask cannot start. ${startFailure(error)}`)
    void drainAndClose(app, 0).finally(() => process.exit(1))
  }
  try {
    const environment = readEnvironment()
    app = buildApp({ environment, fileEnvironment: readEnvironmentFile(), logger, onUnfit: giveUp })
    await listen(app)
    hangup.on(() => app.secrets.reload())
    closeOnSignal(app, logger)
    return 0
  } catch (error) {
    console.error(`callmask cannot start. ${startFailure(error)}`)
    // What waits to be written would keep the process alive.
    if (!(await isFlushed(logger))) process.exit(1)
    return 1
  }
}

/** Starts the service in this environment alone, and without a log. Rejects with the error of listening. */
export async function startQuietly(environment: Environment): Promise<{ close(): Promise<void> }> {
  const app = buildApp({
    environment: { ...environment, LOG_LEVEL: 'silent', AUDIT_LOG: 'off' },
    logger: createLogger(),
  })
  await listen(app)
  return { close: () => drainAndClose(app, 0) }
}

/** From here on SIGHUP does not end the process, which is what it would do by default, but runs what it is given. */
function takeHangups(): { on(run: () => void): void } {
  let onHangup: (() => void) | undefined
  process.on('SIGHUP', () => onHangup?.())
  return {
    on(run) {
      onHangup = run
    },
  }
}

function closeOnSignal(app: FastifyInstance, logger: Logger): void {
  const delay = drainDelayMs({ configured: app.config.DRAIN_DELAY, stdin: process.stdin })
  closeWithGrace(
    { delay: delay + CLOSE_LIMIT_MS, logger: false, skip: ['SIGHUP'] },
    async ({ signal, err }) => {
      if (err) app.log.fatal({ err }, 'crashed, closing')
      else app.log.info({ signal, drainDelayMs: delay }, 'draining')
      await drainAndClose(app, err ? 0 : delay)
      app.log.info('closed')
      await isFlushed(logger)
    },
  )
}

/** Writes what is left of the log, as far as that is possible. */
async function isFlushed(logger: Logger): Promise<boolean> {
  const written = new Promise<boolean>((resolve) => logger.flush((error) => resolve(!error)))
  return Promise.race([written, sleep(FLUSH_LIMIT_MS, false)])
}
