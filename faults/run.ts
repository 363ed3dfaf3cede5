/**
 * Breaks what the service stands on, and counts what must not happen. `FAULT_SECONDS` is how long the instances are
 * under faults, `FAILOVER_CYCLES` how often a primary is lost, `FILE_KILLS` how often a process that writes to a folder is.
 */
import { runFailovers, SECONDS_PER_CYCLE } from './failover.js'
import { runFileKills, SECONDS_PER_KILL } from './file-kills.js'
import { LOST_REPLICA_SECONDS, runLostReplica } from './lost-replica.js'
import { NEMESIS_EXTRA_SECONDS, runNemesis } from './nemesis-run.js'
import { REPEATED_REPLACEMENTS_SECONDS, runRepeatedReplacements } from './repeated-replacements.js'
import { RETRIED_CREATES_SECONDS, runRetriedCreates } from './retried-creates.js'

const seconds = Number(process.env.FAULT_SECONDS ?? 240)
const cycles = Number(process.env.FAILOVER_CYCLES ?? 50)
const kills = Number(process.env.FILE_KILLS ?? 200)
/** To look at one part alone. */
const parts = (process.env.FAULT_PARTS ?? 'nemesis,failover,replica,creates,replacements,file').split(',')

const bound =
  seconds +
  NEMESIS_EXTRA_SECONDS +
  cycles * SECONDS_PER_CYCLE +
  SECONDS_PER_CYCLE * 5 +
  LOST_REPLICA_SECONDS +
  REPEATED_REPLACEMENTS_SECONDS +
  RETRIED_CREATES_SECONDS +
  kills * SECONDS_PER_KILL
console.log(`fault tests: at most ${bound} s`)
setTimeout(() => {
  console.error(`the fault tests took more than ${bound} s`)
  process.exit(1)
}, bound * 1_000).unref()

const begun = performance.now()
const verdicts = [
  !parts.includes('nemesis') || (await runNemesis(seconds)),
  !parts.includes('failover') || (await runFailovers(cycles)),
  !parts.includes('replica') || (await runLostReplica()),
  !parts.includes('creates') || (await runRetriedCreates()),
  !parts.includes('replacements') || (await runRepeatedReplacements()),
  !parts.includes('file') || (await runFileKills(kills)),
]
const isGood = verdicts.every(Boolean)
console.log(
  `\n${isGood ? 'all as demanded' : 'NOT AS DEMANDED'} after ${Math.round((performance.now() - begun) / 1_000)} s`,
)
process.exit(isGood ? 0 : 1)
