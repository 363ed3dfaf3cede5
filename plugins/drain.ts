import fp from 'fastify-plugin'

declare module 'fastify' {
  interface FastifyInstance {
    readonly drain: Drain
  }
}

/** Whether this instance still wants new requests. */
export interface Drain {
  /** From here on the instance is unready, and every reply asks the client to close its connection. */
  begin(): void
  readonly begun: boolean
}

/**
 * Decorates `app.drain`. A load balancer needs some checks to notice that we are leaving, and goes on sending
 * calls until then, so the instance answers as ever while it drains.
 */
export default fp(
  async (app) => {
    let begun = false
    app.meter.watch('draining', () => (begun ? 1 : 0))
    app.decorate('drain', {
      begin() {
        begun = true
      },
      get begun() {
        return begun
      },
    })
    app.addHook('onRequest', (_request, reply, done) => {
      if (begun) reply.header('connection', 'close')
      done()
    })
  },
  { name: 'drain', dependencies: ['meter'] },
)
