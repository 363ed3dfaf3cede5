/**
 * What a request costs, beside the floor: a bare Fastify in the same run. Servers are held on one core and the clients, with
 * a Redis server, on another; CPU time counts, of all threads of the server's process; medians of alternating rounds, with
 * their quartiles. `BENCH` names parts to run alone. The table goes to standard output.
 */
import { CLIENT_CORE, canPin, holdThisProcess } from './pinning.js'
import { calls } from './rows/calls.js'
import { consolePages } from './rows/console.js'
import { latency } from './rows/latency.js'
import { manySessions } from './rows/many-sessions.js'
import { processes } from './rows/processes.js'
import { sessions } from './rows/sessions.js'
import { start } from './rows/start.js'
import { type Line, tableOf } from './table.js'

const PARTS: Record<string, () => Promise<Line[]>> = {
  calls,
  latency,
  sessions,
  many: manySessions,
  console: consolePages,
  processes,
  start,
}

// Each server that runs listens for the end of the bench.
process.setMaxListeners(50)

const named = process.env.BENCH?.split(',') ?? Object.keys(PARTS)
const unknown = named.filter((name) => !(name in PARTS))
if (unknown.length > 0)
  throw new Error(`BENCH names no part: ${unknown}. Parts: ${Object.keys(PARTS).join(', ')}`)

holdThisProcess(CLIENT_CORE)
if (!canPin) console.error('NOT PINNED: figures spread more, for want of taskset (Linux) or of a second core')

const lines: Line[] = []
for (const name of named) {
  console.error(`bench: ${name} …`)
  lines.push(...((await PARTS[name]?.()) ?? []))
}
console.log(tableOf(lines))
