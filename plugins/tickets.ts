import fp from 'fastify-plugin'
import { createTickets, type Tickets } from '../src/access/tickets.js'

declare module 'fastify' {
  interface FastifyInstance {
    readonly tickets: Tickets
  }
}

/** Decorates `app.tickets`, with which the console asks the API. */
export default fp(
  async (app) => {
    app.decorate('tickets', createTickets())
  },
  { name: 'tickets' },
)
