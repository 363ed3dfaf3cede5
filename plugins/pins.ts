import fp from 'fastify-plugin'
import { createPinEntries, type PinEntries } from '../src/calls/pin-entry.js'
import { createPinTries } from '../src/calls/pin-tries.js'
import { callersOf } from '../src/masking/leg-lookup.js'
import { readParticipant } from '../src/masking/participant.js'
import { isWholeNumber, wholeNumber } from '../src/masking/phone-number.js'
import type { Outcome } from '../src/masking/resolver.js'
import { readSpelling } from '../src/masking/spelling.js'
import { StoreUnavailableError } from '../src/masking/storage.js'

declare module 'fastify' {
  interface FastifyInstance {
    /** Decides what becomes of a call whose caller entered a PIN. */
    readonly pinEntries: PinEntries
    /**
     * Makes the phone of a call that a PIN connected one of the participant's phones, where the session wants that. Nobody has to
     * wait for it, and it never fails.
     *
     * @param from who calls, as it came
     */
    rememberPhone(outcome: Connected, from: string | undefined): Promise<void>
  }
}

type Connected = Extract<Outcome, { readonly kind: 'connect' }>

/** Decorates what is done with the PINs that callers enter. */
export default fp(
  async (app) => {
    const { admission, log, lookup, participantRules, sessions, storages } = app
    const tries = createPinTries(storages.forCalls)
    app.decorate('pinEntries', createPinEntries({ tries, lookup, admission }))

    app.decorate('rememberPhone', async ({ leg, dialled }, from = '') => {
      const { call, sessionId, side } = leg
      const caller = readSpelling(from)
      if (!call?.rememberPhone || sessionId === undefined || side === undefined || !caller) return
      // The carrier sends the whole number. Whatever is none, or no person's, cannot be remembered.
      const whole = callersOf(caller, dialled.countryCode).find(isWholeNumber)
      const phone = readParticipant(`+${whole}`, participantRules)
      if (typeof phone === 'string') return
      await sessions.remember(sessionId, side, wholeNumber(phone)).catch((err) => {
        if (!(err instanceof StoreUnavailableError)) log.error({ err }, 'a phone cannot be remembered')
      })
    })
  },
  { name: 'pins', dependencies: ['calls', 'pool', 'sessions', 'storages'] },
)
