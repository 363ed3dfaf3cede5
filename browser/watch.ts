import type { BrowserContext, Page } from 'playwright-core'
import type { Report } from '../faults/report.js'

export const WATCHED = {
  outside: 'requests that left the origin',
  console: 'errors and warnings of a console',
  policy: 'violations of the content security policy',
} as const

/** What says nothing more than the status of the reply, which is judged elsewhere. */
const STATUS = /^Failed to load resource: the server responded with a status of 4\d\d/

const TELL_OF_VIOLATIONS = `addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) =>
  tellOfViolation(violatedDirective + ' ' + blockedURI))`

/** Counts what no page may ever do, whatever happens on it. */
export async function watch(context: BrowserContext, origin: string, report: Report): Promise<void> {
  const count = (what: string, page: Page | null | undefined, said: string) => {
    report.count(what)
    report.note(`${page?.url()}: ${said}`)
  }
  context.on('request', (request) => {
    const { protocol, origin: to } = new URL(request.url())
    if (to !== origin && protocol !== 'data:') count(WATCHED.outside, undefined, request.url())
  })
  context.on('console', (message) => {
    const isBad = message.type() === 'error' || message.type() === 'warning'
    if (isBad && !STATUS.test(message.text())) count(WATCHED.console, message.page(), message.text())
  })
  context.on('weberror', (error) => count(WATCHED.console, error.page(), String(error.error())))
  await context.exposeBinding('tellOfViolation', ({ page }, said: string) =>
    count(WATCHED.policy, page, said),
  )
  await context.addInitScript(TELL_OF_VIOLATIONS)
}
