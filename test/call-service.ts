import type { Test } from 'tap'
import type { CallOptions } from '../src/masking/call-options.js'
import { START_APP } from './call-stories.js'
import { type TestClock, testClock } from './clocks.js'
import { PAIR, webhook } from './fixtures.js'
import { API, build } from './helper.js'

export const BASE = 'https://mask.example.com'
export const [RIDER, DRIVER] = ['919812300001', '919812300002'] as const
export const ID = '5d1b7c1e-5a51-4f0e-9a3e-000000000001'
export const OTHER_ID = '5d1b7c1e-5a51-4f0e-9a3e-000000000002'

/** The URLs in a document, by what they are for. */
export function urlsIn(document: string): Readonly<Record<string, string>> {
  const urls = [...document.matchAll(/"https:\/\/mask\.example\.com([^"]*\/answer\/([a-z]+)\/[^"]*)"/g)]
  return Object.fromEntries(urls.map(([, path, purpose]) => [purpose, path]))
}

/** The whole service with an API, whose carrier can be given URLs. */
export async function callService(
  t: Test,
  environment: Readonly<Record<string, string>> = {},
  clock: TestClock = testClock(),
) {
  const built = await build(t, { ...API.environment, PUBLIC_BASE_URL: BASE, ...environment }, clock)
  const { app } = built
  const send = (url: string, fields: Readonly<Record<string, string>>, headers = {}) => {
    const sent = webhook({ CallUUID: ID, ...fields })
    return app.inject({ ...sent, url, headers: { ...sent.headers, ...headers } })
  }
  return {
    ...built,
    clock,
    send,
    /** Somebody calls a masking number. */
    dial: (from: string, dialled: string, more: Readonly<Record<string, string>> = {}) =>
      send('/answer', { ...START_APP, From: from, To: `0${dialled.slice(2)}`, ...more }),
    /** A session of the two, with the number that the first one dials, and the one that the second one sees then. */
    async open(call?: CallOptions) {
      const at = clock.time
      const outcome = await app.sessions.create({
        participants: [
          { countryCode: '91', national: RIDER.slice(2), dialable: RIDER },
          { countryCode: '91', national: DRIVER.slice(2), dialable: DRIVER },
        ],
        createdAt: at,
        expiresAt: at + 60 * 60 * 1_000,
        fingerprint: '',
        allowShortRest: false,
        call,
      })
      if (!('session' in outcome)) throw new Error(outcome.kind)
      const [first, second] = outcome.session.participants
      return { id: outcome.session.id, dialled: first.maskingNumber, shown: second.maskingNumber }
    },
    find: async (id = ID) => {
      // What is noted behind the reply has its turn first.
      await new Promise((resolve) => setImmediate(resolve))
      return app.calls.find(id)
    },
  }
}

/** Whether a text holds a real number of these tests. */
export function tellsNumber(text: string): boolean {
  return [RIDER, DRIVER, PAIR.FE, PAIR.CUSTOMER].some((number) => text.includes(number.slice(2)))
}
