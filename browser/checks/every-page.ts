import type { BrowserContext, CDPSession, Page } from 'playwright-core'
import { goTo } from '../go-to.js'
import { type InPage, inPage } from '../in-page.js'
import { type ListedPage, NO_PAGES, NOWHERE, PAGES } from '../pages.js'
import { realNumbersIn } from '../people.js'
import { consoleRoutes } from '../routes.js'
import { type Run, visit, visitAs } from '../visitor.js'

/** Bytes over the wire of a page with all that belongs to it, into an empty cache. */
const MAX_BYTES = 60_000
/** Those that people see first. A long list has more. */
const FIRST = ['sign-in', 'overview']
/** How many pages are looked at at once. */
const LANES = 2
const WIDE = { width: 1200, height: 800 }
const NARROW = { width: 360, height: 740 }
/** How often all controls are gone through. */
const MAX_ROUNDS = 4

const DEMANDED = {
  listed: 'pages of the service that are not in the list of these tests, or only there',
  broken: 'pages that could not be looked at',
  status: 'pages with another status than they should have',
  axe: 'violations that axe finds, in light and in dark',
  wide: 'pages that are wider than 360 px',
  unreached: 'controls that the keyboard does not reach',
  unseen: 'controls on which the focus is not seen',
  skip: 'pages whose first stop does not lead to their content',
  scripts: 'texts that are missing without JavaScript',
  heavy: 'first pages of more than 60 kB',
  hostile: 'pages into which hostile texts broke',
  leaks: 'real numbers in a document',
} as const

const HEAVIEST = 'bytes of the heaviest page'
const HEAVIEST_FIRST = 'bytes of the heaviest first page'

/** Looks at each page in all the ways in which somebody may look at it. */
export async function checkEveryPage(run: Run): Promise<void> {
  const { report } = run
  for (const what of Object.values(DEMANDED)) report.demand(what)
  await compareWithRoutes(run)
  const contexts = await openContexts(run)
  const left = [...PAGES]
  await Promise.all(
    Array.from({ length: LANES }, async () => {
      const lane = await openLane(contexts)
      for (let page = left.shift(); page; page = left.shift()) await tryOut(run, lane, page)
    }),
  )
  for (const context of contexts) await context.close()
}

/** What cannot be looked at does not keep us from the others. */
async function tryOut(run: Run, lane: Lane, listed: ListedPage): Promise<void> {
  const { report } = run
  try {
    await check(run, lane, listed)
  } catch (error) {
    report.count(DEMANDED.broken)
    report.note(`${listed.name}: ${String(error).slice(0, 400)}`)
  }
}

async function compareWithRoutes({ report }: Run): Promise<void> {
  const routes = await consoleRoutes()
  const listed: readonly string[] = [...PAGES.map(({ route }) => route), ...NO_PAGES]
  const miss = (note: string) => {
    report.count(DEMANDED.listed)
    report.note(note)
  }
  for (const route of routes) if (!listed.includes(route)) miss(`${route} is not in browser/pages.ts`)
  for (const route of listed)
    if (route !== NOWHERE && !routes.includes(route)) miss(`${route} is not in the service`)
}

/** Where one page after the other is looked at: a new tab for each would take longer than the looking. */
interface Tab {
  readonly page: Page
  readonly devTools: CDPSession
  /** Bytes over the wire of the page that was opened last. */
  readonly weigh: () => number
}

interface Lane {
  readonly signedIn: Tab
  readonly stranger: Tab
  readonly withoutScripts: Tab
  readonly strangerWithoutScripts: Tab
}

async function openLane([
  signedIn,
  stranger,
  withoutScripts,
  strangerWithoutScripts,
]: Contexts): Promise<Lane> {
  return {
    signedIn: await openTab(signedIn),
    stranger: await openTab(stranger),
    withoutScripts: await openTab(withoutScripts),
    strangerWithoutScripts: await openTab(strangerWithoutScripts),
  }
}

async function openTab(context: BrowserContext): Promise<Tab> {
  const page = await context.newPage()
  const devTools = await context.newCDPSession(page)
  return { page, devTools, weigh: await beginWeighing(devTools) }
}

type Contexts = readonly [BrowserContext, BrowserContext, BrowserContext, BrowserContext]

/** Somebody who has signed in, and somebody who has not; then the same two without JavaScript. */
async function openContexts(run: Run): Promise<Contexts> {
  const scriptless = { javaScriptEnabled: false }
  const visitors = await Promise.all([
    visitAs(run, 'admin'),
    visit(run),
    visitAs(run, 'admin', scriptless),
    visit(run, scriptless),
  ])
  for (const { page } of visitors) await page.close()
  const [a, b, c, d] = visitors
  return [a.context, b.context, c.context, d.context]
}

async function check(run: Run, lane: Lane, listed: ListedPage): Promise<void> {
  const { report } = run
  const isOpen = listed.for === 'anybody'
  const { page, devTools, weigh } = isOpen ? lane.stranger : lane.signedIn
  const fail = (what: string, note: string) => {
    report.count(what)
    report.note(`${listed.name}: ${note}`)
  }

  await page.setViewportSize(WIDE)
  await page.emulateMedia({ colorScheme: 'light' })
  await goToRight(run, page, listed, fail)
  const bytes = weigh()
  report.largest(HEAVIEST, bytes)
  if (FIRST.includes(listed.name)) report.largest(HEAVIEST_FIRST, bytes)
  if (bytes > MAX_BYTES && FIRST.includes(listed.name)) fail(DEMANDED.heavy, `${bytes} bytes`)

  const inside = await inPage(page, devTools)
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme })
    const violations = await inside.axe(colorScheme === 'light' ? 'all' : 'colours')
    for (const { id, where } of violations) fail(DEMANDED.axe, `${colorScheme}, ${id}: ${where.join(', ')}`)
  }
  await checkKeyboard(page, inside, fail)
  await checkContent(page, fail)
  const texts = await inside.run<string[]>('texts', whichTexts(listed))

  await page.setViewportSize(NARROW)
  const wide = await inside.run<string[]>('overflow')
  if (wide.length > 0) fail(DEMANDED.wide, wide.join(', '))

  await checkWithoutScripts(
    run,
    isOpen ? lane.strangerWithoutScripts : lane.withoutScripts,
    listed,
    texts,
    fail,
  )
}

type Fail = (what: string, note: string) => void

async function goToRight(run: Run, page: Page, listed: ListedPage, fail: Fail): Promise<void> {
  const { status: right = 200 } = listed
  const status = await goTo(run, page, listed)
  if (status !== right) fail(DEMANDED.status, `${status} and not ${right}`)
}

/** Counts the bytes that come, none of them from a cache. */
async function beginWeighing(devTools: CDPSession): Promise<() => number> {
  let bytes = 0
  // Of a page to which a form leads, the one with the form does not count.
  devTools.on('Network.requestWillBeSent', ({ type, redirectResponse }) => {
    if (type === 'Document' && !redirectResponse) bytes = 0
  })
  devTools.on('Network.loadingFinished', ({ encodedDataLength }) => {
    bytes += encodedDataLength
  })
  await devTools.send('Network.enable')
  await devTools.send('Network.setCacheDisabled', { cacheDisabled: true })
  return () => bytes
}

/** What had the focus, and whether one saw that. */
interface Focus {
  readonly at: number
  readonly isSeen: boolean
}

async function checkKeyboard(page: Page, inside: InPage, fail: Fail): Promise<void> {
  const controls = await inside.run<string[]>('controls')
  const reached = new Map<number, boolean>()
  // Some controls have more than one stop, as those for a moment have one for each of its parts.
  for (let rounds = 0; rounds < MAX_ROUNDS && reached.size < controls.length; rounds++) {
    for (let i = 0; i < controls.length; i++) await page.keyboard.press('Tab')
    for (const { at, isSeen } of await inside.ask<Focus[]>('focuses()')) reached.set(at, isSeen)
  }
  for (const [i, control] of controls.entries()) {
    if (!reached.has(i)) fail(DEMANDED.unreached, `not reached: ${control}`)
    if (reached.get(i) === false) fail(DEMANDED.unseen, `not seen: ${control}`)
  }
  await page.getByRole('link', { name: 'Skip to the page' }).focus()
  await page.keyboard.press('Enter')
  const isThere = (await page.locator('main:focus').count()) === 1
  if (!isThere || !controls[0]?.includes('Skip')) fail(DEMANDED.skip, `skips by ${controls[0]}`)
}

async function checkContent(page: Page, fail: Fail): Promise<void> {
  const [content, title] = [await page.content(), await page.title()]
  if (title.includes('broken in') || (await page.locator('img').count()) > 0) fail(DEMANDED.hostile, title)
  for (const number of realNumbersIn(`${content}\n${page.url()}\n${title}`))
    fail(DEMANDED.leaks, `…${number.slice(-2)}`)
}

function whichTexts({ data }: ListedPage): 'all' | 'fixed' {
  return data === 'changes' ? 'fixed' : 'all'
}

/** All that a page says with scripts it says without them. */
async function checkWithoutScripts(
  run: Run,
  { page, devTools }: Tab,
  listed: ListedPage,
  texts: readonly string[],
  fail: Fail,
): Promise<void> {
  await goToRight(run, page, listed, fail)
  const without = await (await inPage(page, devTools)).run<string[]>('texts', whichTexts(listed))
  for (const text of texts) if (!without.includes(text)) fail(DEMANDED.scripts, text)
  if (without.length === 0) fail(DEMANDED.scripts, 'all')
}
