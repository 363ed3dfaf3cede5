import fp from 'fastify-plugin'
import type { RequestSpan, Tracing } from '../src/telemetry/request-span.js'
import { hasTracingSdk } from '../src/telemetry/tracing-sdk.js'

declare module 'fastify' {
  interface FastifyInstance {
    /** Undefined where this process has no tracing SDK. */
    readonly tracing: Tracing | undefined
  }
  interface FastifyRequest {
    /** What is told of this request; undefined where nobody is told. */
    span?: RequestSpan
  }
}

/** Decorates `app.tracing`. The SDK is the operator's: without one, not even its API is loaded. */
export default fp(
  async (app) => {
    app.decorateRequest('span')
    if (!hasTracingSdk()) {
      app.decorate('tracing', undefined)
      return
    }
    const { createTracing } = await import('../src/telemetry/tracing.js')
    app.decorate('tracing', createTracing())
    app.log.info('this process has a tracing SDK: requests and what they ask of the store are told to it')
  },
  { name: 'tracing' },
)
