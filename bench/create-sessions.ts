/** `POST /v1/sessions` beside the floor: every request opens a session between two new people. */
import { startMeasured } from './measured-process.js'
import { API_KEY, createStrangers, newSessions } from './new-sessions.js'
import { compare, cpuRatio } from './rounds.js'
import { POOL, SERVICE } from './service.js'

/** The least share of the floor's speed, by CPU time. */
const AIM = 0.4

const floor = await startMeasured('bench/floor.mjs', {})
const callmask = await startMeasured('dist/src/server.js', {
  ...SERVICE,
  MASKING_NUMBERS: POOL,
  API_KEYS: API_KEY,
  API_RATE: '10000',
})

console.log('\nPOST /v1/sessions, beside a bare Fastify with the same schemas:')
const results = await compare({
  floor: { server: floor, path: '/v1/sessions', load: newSessions(createStrangers()) },
  callmask: { server: callmask, path: '/v1/sessions', load: newSessions(createStrangers()) },
})
console.log(`callmask: the floor is ${cpuRatio(results.floor, results.callmask)}; aim: at least ${AIM}`)
