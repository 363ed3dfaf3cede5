import type { Locator, Page } from 'playwright-core'

/** Somebody who uses nothing but the keyboard. */
export interface Hands {
  /** Moves on to something, and types into it. */
  type(into: Locator, text: string): Promise<void>
  /** Moves on to a link or a button, and presses it. */
  press(on: Locator): Promise<void>
  /** The same where a script shows what comes of it on the same page. */
  push(on: Locator): Promise<void>
  /** Moves on to a box, and ticks it. */
  tick(box: Locator): Promise<void>
}

/** More stops than any page has. */
const MAX_STOPS = 300

export function handsOn(page: Page): Hands {
  return {
    async type(into, text) {
      await reach(into)
      await page.keyboard.type(text)
    },
    async press(on) {
      await reach(on)
      const navigated = page.waitForEvent('load')
      await page.keyboard.press('Enter')
      await navigated
    },
    async push(on) {
      await reach(on)
      await page.keyboard.press('Enter')
    },
    async tick(box) {
      await reach(box)
      await page.keyboard.press('Space')
    },
  }

  async function reach(wanted: Locator): Promise<void> {
    await wanted.first().waitFor()
    const focused = wanted.and(page.locator(':focus'))
    for (let stops = 0; stops < MAX_STOPS; stops++) {
      if ((await focused.count()) > 0) return
      await page.keyboard.press('Tab')
    }
    throw new Error(`the keyboard does not reach ${wanted}`)
  }
}
