/** Does to the built service what attackers did, on the loopback, and holds its memory, descriptors and calls to bounds. */
import { runLargeBodies } from './large-bodies.js'
import { runOneSource } from './one-source.js'
import { runPipelining } from './pipelining.js'
import { runRefusedWebhooks } from './refused-webhooks.js'
import { runSlowBodies } from './slow-bodies.js'

const LIMIT_SECONDS = 180

setTimeout(() => {
  console.error(`the attacks took more than ${LIMIT_SECONDS} s`)
  process.exit(1)
}, LIMIT_SECONDS * 1_000).unref()

// What ends with this process is ended by its exit, which a signal alone does not bring about.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(1))

const verdicts: boolean[] = []
for (const run of [runPipelining, runSlowBodies, runOneSource, runLargeBodies, runRefusedWebhooks])
  verdicts.push(await run())
const isGood = verdicts.every(Boolean)
console.log(isGood ? '\nall as demanded' : '\nNOT AS DEMANDED')
process.exit(isGood ? 0 : 1)
