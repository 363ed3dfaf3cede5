/** What both cores of a machine carry: one process, two instances of their own, and two processes behind one port. */
import { callsOf } from '../calls.js'
import { saturate } from '../load.js'
import { type MeasuredProcess, startMeasured } from '../measured-process.js'
import { BOTH_CORES, CLIENT_CORE, holdThisProcess, SERVER_CORE } from '../pinning.js'
import { CALL_OF_PAIR, startWithPair, WITH_PAIR } from '../service.js'
import { spreadOf } from '../statistics.js'
import { inWords, type Line } from '../table.js'

const ROUNDS = 15
const REQUESTS = 8_000
const WARM_UP = 20_000
const load = callsOf([CALL_OF_PAIR])

/** In all, however many processes there are. */
const CONNECTIONS = 32

export async function processes(): Promise<Line[]> {
  holdThisProcess(BOTH_CORES)
  const sides = {
    'one process': [await startWithPair()],
    'two instances, each on a port of its own': [
      await startWithPair({}, SERVER_CORE),
      await startWithPair({}, CLIENT_CORE),
    ],
    'two processes behind one port, by the cluster module': [
      await startMeasured('bench/cluster.mjs', WITH_PAIR, { cores: BOTH_CORES }),
    ],
  }
  const rates = Object.values(sides).map((): number[] => [])
  for (const servers of Object.values(sides)) await callsPerSecond(servers, WARM_UP)
  for (let i = 0; i < ROUNDS; i++) {
    for (const [j, servers] of Object.values(sides).entries())
      rates[j]?.push(await callsPerSecond(servers, REQUESTS))
  }
  const all = Object.values(sides).flat()
  await Promise.all(all.map((server) => server.stop()))
  holdThisProcess(CLIENT_CORE)
  return Object.keys(sides).map((what, j) => ({
    what: `${what}; the clients share both cores`,
    figure: `${inWords(spreadOf(rates[j] as number[]), 0)} calls/s`,
  }))
}

async function callsPerSecond(servers: readonly MeasuredProcess[], requests: number): Promise<number> {
  const begun = performance.now()
  await Promise.all(
    servers.map(({ url }) =>
      saturate(
        { url, path: '/answer', load, connections: CONNECTIONS / servers.length },
        requests / servers.length,
      ),
    ),
  )
  return requests / ((performance.now() - begun) / 1_000)
}
