/**
 * The console as people use it: the built service, and a real Chromium. `BROWSER_PARTS` names parts to run alone; `TIMES=told` prints
 * times in place of demanding them, where others use the machine too.
 */
import { createReport } from '../faults/report.js'
import { beginRun } from './begin-run.js'
import { checkDoors } from './checks/doors.js'
import { checkEveryPage } from './checks/every-page.js'
import { searchForLeaks } from './checks/leaks.js'
import { checkLive } from './checks/live.js'
import { startChromium } from './chromium.js'
import { tellOfDeveloper } from './stories/developer.js'
import { tellOfOperator } from './stories/operator.js'
import { STORY } from './stories/story.js'
import { tellOfSupport } from './stories/support.js'
import type { Run } from './visitor.js'
import { WATCHED } from './watch.js'
import { createWorld, HOSTILE } from './world.js'

const BROKEN = 'parts that could not go on'

const PARTS: Readonly<Record<string, (run: Run) => Promise<void>>> = {
  support: tellOfSupport,
  operator: tellOfOperator,
  developer: tellOfDeveloper,
  pages: checkEveryPage,
  doors: checkDoors,
  live: checkLive,
}
const named = process.env.BROWSER_PARTS?.split(',') ?? Object.keys(PARTS)
const unknown = named.filter((name) => !(name in PARTS))
if (unknown.length > 0)
  throw new Error(`BROWSER_PARTS names no part: ${unknown}. Parts: ${Object.keys(PARTS).join(', ')}`)

const directory = beginRun()
const begun = performance.now()
const elapsed = () => `${((performance.now() - begun) / 1_000).toFixed(1)} s`

const report = createReport('the console in a browser')
for (const what of [BROKEN, STORY, ...Object.values(WATCHED)]) report.demand(what)
const [world, browser] = await Promise.all([createWorld(directory, HOSTILE), startChromium()])
console.log(`the service and Chromium ${browser.version()} are there after ${elapsed()}`)
const run: Run = { browser, world, report }
for (const name of named) {
  await PARTS[name]?.(run).catch((error) => {
    report.count(BROKEN)
    report.note(`${name}: ${error.stack}`)
  })
  console.log(`  ${name}: done after ${elapsed()}`)
}
await browser.close()
searchForLeaks(run)
await world.end()
const isGood = report.print()
console.log(`\n${isGood ? 'all as demanded' : 'NOT AS DEMANDED'} after ${elapsed()}`)
process.exit(isGood ? 0 : 1)
