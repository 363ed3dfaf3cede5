import fp from 'fastify-plugin'
import { createErasure, type Erasure } from '../src/masking/erasure.js'
import { type PersonSessions, sessionsOf } from '../src/masking/people.js'
import type { Unreadable } from '../src/masking/storage.js'
import { createSampler } from '../src/sampler.js'

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
    const { admission, calls, clock, events, maskingNumbers, memory, sessions, storages } = app
    const unreadable = createSampler<Unreadable, undefined>(clock, (reason, { count }) =>
      app.log.warn({ reason, count }, 'a record that cannot be read is passed over'),
    )
    const kept = {
      storage: storages.storage,
      ...memory,
      onUnreadable: (reason: Unreadable) => unreadable.note(reason, undefined),
    }
    app.decorate('people', {
      ...createErasure({ sessions, fixed: maskingNumbers.fixed, forgetCalls, forgetEvents, ...kept }),
      sessionsOf: (person, limit) => sessionsOf(person, limit, kept),
    })

    async function forgetCalls(sessionId: string): Promise<number> {
      await admission.forget(sessionId)
      return calls.forget(sessionId)
    }

    async function forgetEvents(sessionId: string): Promise<void> {
      await events.outbox.forget(sessionId)
    }
  },
  { name: 'people', dependencies: ['calls', 'clock', 'events', 'masking-numbers', 'sessions', 'storages'] },
)
