/** Makes the pictures of `docs/console.md`: each page, in light and in dark. `PICTURES` names pages to make alone. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { createReport } from '../faults/report.js'
import { beginRun } from './begin-run.js'
import { startChromium } from './chromium.js'
import { goTo } from './go-to.js'
import { PAGES } from './pages.js'
import { withPalette } from './palette.js'
import { type Run, visit, visitAs } from './visitor.js'
import { createWorld } from './world.js'

const FOLDER = 'docs/pictures'
const WIDTH = 1200
/** Pixels of what stands on top of a long page, which is enough to know it by. */
const MAX_HEIGHT = 900

const directory = beginRun()
const [world, browser] = await Promise.all([createWorld(directory, 'order-88'), startChromium()])
const run: Run = { browser, world, report: createReport('pictures') }
const named = process.env.PICTURES?.split(',')
mkdirSync(FOLDER, { recursive: true })

for (const colorScheme of ['light', 'dark'] as const) {
  const look = { colorScheme, viewport: { width: WIDTH, height: MAX_HEIGHT } }
  const [stranger, staff] = await Promise.all([visit(run, look), visitAs(run, 'admin', look)])
  for (const listed of PAGES) {
    if (listed.picture === 'none' || !(named?.includes(listed.name) ?? true)) continue
    const { page } = listed.for === 'anybody' ? stranger : staff
    await goTo(run, page, listed)
    await page.mouse.move(0, 0)
    const footer = await page.locator('body > footer').boundingBox()
    const height = Math.min(MAX_HEIGHT, Math.ceil((footer?.y ?? MAX_HEIGHT) + (footer?.height ?? 0)))
    const path = `${FOLDER}/${listed.name}-${colorScheme}.png`
    const picture = await page.screenshot({ clip: { x: 0, y: 0, width: WIDTH, height } })
    writeFileSync(path, withPalette(picture))
    console.log(path)
  }
  await Promise.all([stranger, staff].map(({ context }) => context.close()))
}
await browser.close()
await world.end()
process.exit()
