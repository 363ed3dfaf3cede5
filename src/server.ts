import { setTimeout as sleep } from 'node:timers/promises'
import closeWithGrace from 'close-with-grace'
import type { FastifyInstance } from 'fastify'
import { buildApp } from './app.js'
import { readEnvironment } from './config/environment.js'
import { drainDelayMs } from './drain-delay.js'
import { createLogger } from './logger.js'

/** Milliseconds that requests in flight may take once we stop accepting new ones. */
const CLOSE_GRACE_MS = 2_000
/** Milliseconds after which the process ends even if closing hangs. */
const CLOSE_LIMIT_MS = 4_000

await start().catch(failToStart)

async function start(): Promise<void> {
  const app = buildApp({ environment: readEnvironment(), logger: createLogger() })
  await app.ready()
  const { HOST: host, PORT: port, DRAIN_DELAY } = app.config
  await app.listen({ host, port })

  const delay = drainDelayMs({ configured: DRAIN_DELAY, stdin: process.stdin })
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

function failToStart(error: Error): void {
  process.exitCode = 1
  console.error(`callmask cannot start. ${error.message}`)
}
