/**
 * Breaks what the service stands on, and counts what must not happen. `FAULT_FORM=short` takes about a minute; in the long
 * form, the default, `FAULT_SECONDS` is how long each kind of store is under faults. `FAULT_PARTS` names parts to run alone.
 * In those with one history of calls the clocks of the instances are apart, but for `FAULT_CLOCKS=level`.
 */
import { APART } from './fleet.js'
import { LEVEL, parts } from './parts.js'

const form = process.env.FAULT_FORM === 'short' ? 'short' : 'long'
const seconds = Number(process.env.FAULT_SECONDS ?? (form === 'short' ? 10 : 180))
const clocks = process.env.FAULT_CLOCKS === 'level' ? LEVEL : APART
const named = process.env.FAULT_PARTS?.split(',')
/** A part that takes longer than this hangs. */
const BOUND_SECONDS = form === 'short' ? 300 : 1_800 + seconds * 3

const lanes = parts({ form, seconds, clocks }).map((lane) =>
  lane.filter(({ name }) => named?.includes(name) ?? true),
)
console.log(
  `fault tests: ${lanes
    .flat()
    .map(({ name }) => name)
    .join(', ')}, at most ${BOUND_SECONDS} s`,
)
setTimeout(() => {
  console.error(`the fault tests took more than ${BOUND_SECONDS} s`)
  process.exit(1)
}, BOUND_SECONDS * 1_000).unref()

const begun = performance.now()
const elapsed = () => Math.round((performance.now() - begun) / 1_000)
const failed: string[] = []
await Promise.all(
  lanes.map(async (lane) => {
    for (const { name, run } of lane) {
      const isGood = await run().catch((error) => {
        console.error(`${name} cannot go on: ${error.stack}`)
        return false
      })
      if (!isGood) failed.push(name)
      console.log(`  ${name}: done after ${elapsed()} s`)
    }
  }),
)
console.log(
  `\n${failed.length === 0 ? 'all as demanded' : `NOT AS DEMANDED: ${failed.join(', ')}`} after ${elapsed()} s`,
)
process.exit(failed.length === 0 ? 0 : 1)
