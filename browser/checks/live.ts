import { dial } from '../calls.js'
import { inPage } from '../in-page.js'
import { PEOPLE } from '../people.js'
import { type Run, visitAs } from '../visitor.js'
import { dialledBy } from '../world.js'

/** Milliseconds from the moment in which the carrier tells of a call until it stands on a page that is open. */
const MAX_MS = 1_000
/** Milliseconds after which it will not come at all. */
const GIVE_UP_MS = 20_000
const TRIES = 3

const LATE = 'calls that took more than a second to appear on an open page'
const NEVER = 'calls that did not appear on an open page'
const RELOADED = 'pages that were loaded anew to show a call'

/** A call appears on an open page by itself. */
export async function checkLive(run: Run): Promise<void> {
  const { report, world } = run
  report.demand(NEVER)
  report.demand(RELOADED)
  if (process.env.TIMES !== 'told') report.demand(LATE)
  const { page, context } = await visitAs(run, 'support')
  await page.goto(`/console/sessions/${world.session.id}`)
  await page.locator('body[data-live="on"]').waitFor()
  const inside = await inPage(page, await context.newCDPSession(page))
  await inside.ask('globalThis.isSame = true')
  for (let i = 0; i < TRIES; i++) {
    const since = await inside.ask<number>('performance.now()')
    const call = await dial(world.service.url, PEOPLE.rider, dialledBy(world.session, 0))
    const ms = await inside.run<number | null>('appearance', `/console/calls/${call.id}`, since, GIVE_UP_MS)
    if (ms === null || ms === undefined) report.count(NEVER)
    else report.largest('ms until a call appears', ms)
    if (ms && ms > MAX_MS) report.count(LATE)
    await call.goesOn('cancelled')
  }
  if (!(await inside.ask<boolean>('globalThis.isSame === true'))) report.count(RELOADED)
  await context.close()
}
