import type { ServerResponse } from 'node:http'
import type { FastifyPluginAsync } from 'fastify'
import { createChanges } from '../../src/console/changes.js'
import { inBackground } from '../../src/in-background.js'
import type { Staff } from '../hooks/staff.js'

/** How often is looked for what has changed, in milliseconds: so much later at most it is seen. */
export const LOOK_EVERY_MS = 500
/**
 * How often something is sent where nothing changes, in milliseconds, so that a stream that nobody reads any more ends, and one whose
 * reader is not signed in any more too.
 */
export const BEAT_EVERY_MS = 15_000
/** Milliseconds for which a stream lasts: a browser begins another one then, if it is still allowed to. */
export const STREAM_LIMIT_MS = 5 * 60_000
/** How many streams an instance has at once. Who comes then sees what changes after a reload. */
export const MAX_STREAMS = 200

/**
 * Tells open pages that something has changed, as server-sent events: which kind of thing, and nothing of it. What it is, they ask for
 * themselves.
 */
const live: FastifyPluginAsync = async (app) => {
  const { clock, drain, log, storages } = app
  const streams = new Set<ServerResponse>()
  const changes = createChanges({ outbox: app.events.outbox, now: () => storages.storage.now() })
  let stopLooking: (() => void) | undefined

  app.get('/live', { exposeHeadRoute: false }, ({ staff }, reply) => {
    if (drain.begun || streams.size >= MAX_STREAMS) return void reply.code(503).send()
    reply.hijack()
    const { raw } = reply
    const headers = {
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    }
    raw.writeHead(200, headers)
    raw.write('retry: 1000\n\n')
    begin(raw, staff)
  })

  function begin(stream: ServerResponse, staff: Staff): void {
    streams.add(stream)
    const beat = async () => {
      if (await staff.holds()) stream.write(': still here\n\n')
      else stream.end()
    }
    const stops = [
      inBackground({ clock, ms: BEAT_EVERY_MS, work: beat, onError }),
      clock.after(STREAM_LIMIT_MS, () => stream.end()),
    ]
    stream.once('close', () => {
      for (const stop of stops) stop()
      streams.delete(stream)
      if (streams.size > 0) return
      stopLooking?.()
      stopLooking = undefined
    })
    if (stopLooking) return
    changes.begin()
    stopLooking = inBackground({ clock, ms: LOOK_EVERY_MS, work: look, onError })
  }

  function onError(err: unknown): void {
    log.error({ err }, 'what has changed cannot be told to open pages')
  }

  async function look(): Promise<void> {
    // They have to end before the requests do, or closing would wait for them.
    if (drain.begun) return endAll()
    const kinds = await changes.next()
    if (kinds.length === 0) return
    for (const stream of streams) stream.write(`event: change\ndata: ${JSON.stringify(kinds)}\n\n`)
  }

  function endAll(): void {
    for (const stream of streams) stream.end()
  }

  app.addHook('preClose', async () => endAll())
}

export default live
