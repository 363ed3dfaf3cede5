import type { FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import type { RequestSpan } from '../src/telemetry/request-span.js'

export interface TracedRequestsOptions {
  /** Whose trace a request is part of: a new one, or that which the asker names in `traceparent`. */
  readonly trace: 'new' | "asker's"
}

/**
 * Tells a tracing SDK of the requests in the scope where this is registered, behind what lets them in: a stranger makes no
 * spans.
 */
export default fp<TracedRequestsOptions>(
  async (app, { trace }) => {
    const { tracing, clock } = app
    if (!tracing) return

    app.addHook('onRequest', (request, reply, done) => {
      request.span = tracing.begin({
        method: request.method,
        route: routeOf(request),
        operation: request.routeOptions.schema?.operationId,
        at: clock.now() - reply.elapsedTime,
        headers: trace === 'new' ? undefined : request.headers,
      })
      request.span.step('let in')
      done()
    })

    // Not before the body was read: whatever comes with that is part of the connection.
    app.addHook('preHandler', (request, _reply, done) => {
      // It is there: the hook above ran.
      ;(request.span as RequestSpan).run(done)
    })

    app.addHook('onResponse', (request, reply, done) => {
      request.span?.end(reply.statusCode)
      done()
    })

    /** Without the secret that stands before those of the carrier. */
    function routeOf({ routeOptions: { url = '' } }: FastifyRequest): string {
      return url.startsWith(app.carrierPrefix) ? url.slice(app.carrierPrefix.length) : url
    }
  },
  { name: 'traced-requests', dependencies: ['clock', 'tracing'] },
)
