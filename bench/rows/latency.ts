/** How long a call takes at half of what one instance can bear. */
import { callsOf, callsToTheFloor } from '../calls.js'
import { compare, compareAtRate, ROUNDS } from '../rounds.js'
import { CALL_OF_PAIR, startFloor, startWithPair } from '../service.js'
import { inWords, type Line } from '../table.js'

const SECONDS_PER_ROUND = 3
/** More than are ever busy at this rate. */
const CONNECTIONS = 64

export async function latency(): Promise<Line[]> {
  const ofPair = callsOf([CALL_OF_PAIR])
  const pair = { server: await startWithPair(), path: '/answer', load: ofPair }
  const floor = { server: await startFloor(), path: '/answer', load: callsToTheFloor(ofPair) }
  const capacity = (await compare({ pair })).pair.perSecond.median
  const rate = Math.round(capacity / 2)
  const requests = rate * SECONDS_PER_ROUND
  const results = await compareAtRate({ floor, pair }, rate, {
    ...ROUNDS,
    requests,
    warmUp: requests,
    connections: CONNECTIONS,
  })
  await Promise.all([floor, pair].map(({ server }) => server.stop()))
  const times = results.pair.p99.median / results.floor.p99.median
  return [
    { what: `the floor, at ${rate} calls a second`, result: results.floor, figure: '' },
    {
      what: 'call, static pair, at the same rate',
      result: results.pair,
      figure: `p99 ${times.toFixed(2)} times the floor's (${inWords(results.pair.p99, 2)} ms)`,
      bar: '≤ 3',
      aim: '≤ 2',
    },
  ]
}
