import fp from 'fastify-plugin'
import { createErasure, type Erasure } from '../src/masking/erasure.js'
import { type PersonSessions, sessionsOf } from '../src/masking/people.js'

declare module 'fastify' {
  interface FastifyInstance {
    readonly people: People
  }
}

/** What is kept of people. */
export interface People extends Erasure {
  /**
   * @param person the whole number
   * @param limit how many sessions at most
   */
  sessionsOf(person: string, limit: number): Promise<PersonSessions>
}

/** Decorates `app.people`. */
export default fp(
  async (app) => {
    const { maskingNumbers, memory, sessions, storages } = app
    const { storage } = storages
    const erasure = createErasure({ storage, sessions, fixed: maskingNumbers.fixed, ...memory })
    app.decorate('people', {
      ...erasure,
      sessionsOf: (person, limit) => sessionsOf(person, limit, { storage, ...memory }),
    })
  },
  { name: 'people', dependencies: ['masking-numbers', 'sessions', 'storages'] },
)
