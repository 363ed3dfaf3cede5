import { setTimeout as sleep } from 'node:timers/promises'
import { createReport } from '../faults/report.js'
import { BODY_LIMIT } from '../src/api/problem.js'
import { callSteadily, median } from './calls.js'
import { flood } from './flood.js'
import { API_KEY, startService } from './service.js'

const ROUNDS = 3
const SECONDS = 6
const CLIENTS = 8
const MAX_RATIO = 3
/** Milliseconds. On two cores the attackers take one, so a call may wait for its turn longer than three idle calls take. */
const BUSY_P99_MS = 50

const headers = { authorization: `Bearer ${API_KEY}`, 'content-type': 'application/json' }
/** Each is refused, and as late as can be: by the schema, by its shape, by its length. */
const BODIES = {
  'as large as may be': `{"external_id":"${'a'.repeat(BODY_LIMIT - 20)}"}`,
  'of many members': `{${Array.from({ length: 1_200 }, (_, i) => `"m${i}":1`).join()}}`,
  'nested deeply': `{"a":${'['.repeat(8_000)}${']'.repeat(8_000)}}`,
  'of 1 MiB': `{"external_id":"${'a'.repeat(1024 * 1024)}"}`,
} as const
/** Requests a second of the attack, below which it was none. */
const MIN_RATE = 50

/** Holders of a key send bodies that cost as much as they can, and calls go on. */
export async function runLargeBodies(): Promise<boolean> {
  const report = createReport(`${CLIENTS} clients with a key send large bodies`)
  report.demand('calls that were not connected')
  report.demand('kinds of bodies under which calls took too long')
  report.demand('floods that hardly came')
  const service = await startService()
  const idle: number[] = []
  const busy = new Map<string, number[]>()
  for (let round = 0; round < ROUNDS; round++) {
    const quiet = callSteadily(service.port)
    await sleep(SECONDS * 500)
    idle.push((await quiet()).p99)
    for (const [name, body] of Object.entries(BODIES)) {
      const calls = callSteadily(service.port)
      const { ok = 0, refused = 0 } = await flood(`http://127.0.0.1:${service.port}/v1/sessions`, {
        seconds: SECONDS / 2,
        connections: CLIENTS,
        headers,
        body,
        // The service ends the connection of a body that is too large.
        connection: body.length > BODY_LIMIT ? 'one for each' : 'kept',
      })
      const { p99, failed } = await calls()
      busy.set(name, [...(busy.get(name) ?? []), p99])
      report.count('calls that were not connected', failed)
      report.count(`requests refused: bodies ${name}`, refused)
      report.count('requests taken', ok)
      if (ok + refused < (MIN_RATE * SECONDS) / 2) report.count('floods that hardly came')
    }
  }
  report.note(`p99 of calls when idle: ${median(idle).toFixed(1)} ms (${idle.map((ms) => ms.toFixed(1))})`)
  for (const [name, p99s] of busy) {
    const ratio = median(p99s) / median(idle)
    report.note(
      `p99 under bodies ${name}: ${median(p99s).toFixed(1)} ms, ${ratio.toFixed(1)} times (${p99s.map((ms) => ms.toFixed(1))})`,
    )
    if (ratio > MAX_RATIO && median(p99s) > BUSY_P99_MS)
      report.count('kinds of bodies under which calls took too long')
  }
  report.note(`demanded: at most ${MAX_RATIO} times, or at most ${BUSY_P99_MS} ms`)
  await service.stop()
  return report.print()
}
