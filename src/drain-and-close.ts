import type { FastifyInstance } from 'fastify'

/** Milliseconds that requests in flight may take once we stop accepting new ones: a client may never end its own. */
export const CLOSE_GRACE_MS = 2_000

/**
 * Ends the service so that no call is lost: it becomes unready and goes on answering for `delayMs`, while a load balancer
 * notices; then it accepts nothing new, and lets requests in flight finish.
 */
export async function drainAndClose(app: FastifyInstance, delayMs: number): Promise<void> {
  const { clock } = app
  app.drain.begin()
  await new Promise<void>((resolve) => {
    clock.after(delayMs, resolve)
  })
  const callOff = clock.after(CLOSE_GRACE_MS, () => {
    for (const server of [app.server, app.adminServer]) server?.closeAllConnections()
  })
  await app.close()
  callOff()
}
