import type { Load } from './load.js'

export const API_KEY = 'bench-key-bench-key-bench'
/** How a request to the API is sent. */
export const API_HEADERS = { 'content-type': 'application/json', authorization: `Bearer ${API_KEY}` }

/** From here on every number is a valid mobile number of India. */
const FIRST_PERSON = 9_810_000_000

/** Makes the requests for sessions, each between two new people. */
export function createStrangers(): () => string {
  let person = FIRST_PERSON
  const participant = () => ({ number: `+91${person++}` })
  return () => JSON.stringify({ participants: [participant(), participant()] })
}

/** Every request opens a session. */
export function newSessions(next = createStrangers()): Load {
  return () => ({
    headers: API_HEADERS,
    body: next(),
    check({ status }) {
      if (status !== 201) throw new Error(`a session was not opened: ${status}`)
    },
  })
}
