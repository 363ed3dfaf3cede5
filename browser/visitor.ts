import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core'
import type { Report } from '../faults/report.js'
import { watch } from './watch.js'
import type { Role, World } from './world.js'

/** What all checks share. */
export interface Run {
  readonly browser: Browser
  readonly world: World
  readonly report: Report
}

/** Somebody with a browser of their own. */
export interface Visitor {
  readonly context: BrowserContext
  readonly page: Page
}

/** Milliseconds for which a browser waits for what has to come: only what never comes takes so long. */
const PATIENCE_MS = 20_000

export async function visit(
  { browser, world, report }: Run,
  options: BrowserContextOptions = {},
): Promise<Visitor> {
  const context = await browser.newContext({
    baseURL: world.wire.url,
    viewport: { width: 1200, height: 800 },
    locale: 'en-GB',
    timezoneId: 'Asia/Kolkata',
    reducedMotion: 'reduce',
    ...options,
  })
  context.setDefaultTimeout(PATIENCE_MS)
  await watch(context, world.wire.url, report)
  return { context, page: await context.newPage() }
}

/** The same for somebody who has signed in with the key of a role. */
export async function visitAs(run: Run, role: Role, options?: BrowserContextOptions): Promise<Visitor> {
  const visitor = await visit(run, options)
  const { page } = visitor
  await page.goto('/console/sign-in')
  await page.getByLabel('API key').fill(run.world.keys[role])
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.waitForURL('**/console')
  return visitor
}
