import type { Page } from 'playwright-core'
import type { ListedPage } from './pages.js'
import type { Run } from './visitor.js'

/** Leads a browser to a page, by its form where it has one. Returns the status with which it came. */
export async function goTo(
  { world }: Run,
  page: Page,
  { at, send }: ListedPage,
): Promise<number | undefined> {
  const opened = await page.goto(at(world))
  if (!send) return opened?.status()
  const replied = page.waitForResponse((reply) => reply.request().method() === 'POST')
  await send(page)
  const reply = await replied
  await page.waitForLoadState('load')
  return reply.status()
}
