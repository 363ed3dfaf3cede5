/** `POST /v1/sessions` beside the floor: every request opens a session between two new people. */
import { startMeasured } from './measured-process.js'
import { compare, cpuRatio, type Load } from './rounds.js'
import { POOL, SERVICE } from './service.js'

/** Of the floor by CPU time, at least. */
const AIM = 0.4

const API_KEY = 'bench-key-bench-key-bench'
/** From here on there is a valid mobile number of India for everybody. */
const FIRST_PERSON = 9_810_000_000

const floor = await startMeasured('bench/floor.mjs', {})
const callmask = await startMeasured('dist/src/server.js', {
  ...SERVICE,
  MASKING_NUMBERS: POOL,
  API_KEYS: API_KEY,
})

console.log('\nPOST /v1/sessions, beside a bare Fastify with the same schemas:')
const results = await compare({
  floor: { server: floor, path: '/v1/sessions', load: newSessions() },
  callmask: { server: callmask, path: '/v1/sessions', load: newSessions() },
})
console.log(`callmask: the floor is ${cpuRatio(results.floor, results.callmask)}; aim: at least ${AIM}`)

function newSessions(): Load {
  let person = FIRST_PERSON
  const participant = () => ({ number: `+91${person++}` })
  return {
    headers: { 'content-type': 'application/json', authorization: `Bearer ${API_KEY}` },
    requests: [
      {
        setupRequest: (request) => ({
          ...request,
          body: JSON.stringify({ participants: [participant(), participant()] }),
        }),
        onResponse(status) {
          if (status !== 201) throw new Error(`no new session, but ${status}`)
        },
      },
    ],
  }
}
