import type { Locator, Page } from 'playwright-core'
import type { Report } from '../../faults/report.js'

export const STORY = 'steps of the stories that did not go as told'

/** Tells a story step by step; what comes after a step that fails is not tried. */
export async function tell(report: Report, who: string, steps: () => Promise<void>): Promise<void> {
  try {
    await steps()
  } catch (error) {
    report.count(STORY)
    report.note(`${who}: ${String(error).slice(0, 600)}`)
  }
}

/** Waits until the page says something. */
export async function reads(page: Page | Locator, text: string | RegExp): Promise<void> {
  await page.getByText(text).first().waitFor()
}
