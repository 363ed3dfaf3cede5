import type { BrowserContext, Page } from 'playwright-core'
import { type ListedPage, NO_PAGES, PAGES } from '../pages.js'
import { consoleRoutes } from '../routes.js'
import { type Run, visitAs } from '../visitor.js'
import type { World } from '../world.js'

const DEMANDED = {
  stranger: 'pages that somebody sees who has not signed in',
  narrow: 'pages that a key sees which it may not see',
  shown: 'pages that the menu shows to a key which may not see them',
  forged: 'forms without the token of a page that were taken',
  headers: 'pages without the headers that protect them',
  ended: 'people who were not led back to where they were after their sign-in had ended',
} as const

const FORM = { 'content-type': 'application/x-www-form-urlencoded' }
/** What leaves a door open on purpose. */
const OPEN = ['GET /console/assets/:version/:name', 'GET /console/language', 'GET /console/sign-in']

/** What is refused: to strangers, to keys that may not, to forms from elsewhere, and to cookies that are over. */
export async function checkDoors(run: Run): Promise<void> {
  const { report, world } = run
  for (const what of Object.values(DEMANDED)) report.demand(what)
  const routes = await consoleRoutes()
  const { context } = await visitAs(run, 'admin')
  const { cookie = '' } = await headersOf(context)
  await context.close()

  for (const route of routes) {
    const [method = '', path = ''] = route.split(' ')
    const url = world.wire.url + path.replaceAll(/:\w+/g, world.session.id).replace(/\*$/, 'nothing')
    const body = method === 'POST' ? 'key=some&number=&minutes=60' : undefined
    const ask = (headers: Record<string, string>, body?: string) =>
      fetch(url, { method, redirect: 'manual', headers: { ...FORM, ...headers }, ...(body && { body }) })

    const stranger = await ask({ 'sec-fetch-site': 'same-origin' }, body)
    const isLedAway =
      stranger.status === 303 && stranger.headers.get('location')?.startsWith('/console/sign-in?')
    if (!isLedAway && !OPEN.includes(route) && route !== 'POST /console/sign-in')
      fail(DEMANDED.stranger, `${route}: ${stranger.status}`)
    if (!stranger.headers.get('content-security-policy')?.includes("default-src 'none'"))
      fail(DEMANDED.headers, route)

    if (method !== 'POST') continue
    for (const forged of [body, `${body}&_token=`, `${body}&_token=${'x'.repeat(43)}`]) {
      const { status } = await ask({ cookie, 'sec-fetch-site': 'same-origin' }, forged)
      if (status !== 403) fail(DEMANDED.forged, `${route}: ${status}`)
    }
    const { status } = await ask({ 'sec-fetch-site': 'cross-site' }, body)
    if (route === 'POST /console/sign-in' && status !== 403)
      fail(DEMANDED.forged, `${route} from elsewhere: ${status}`)
  }
  await checkNarrow(run, fail)
  await checkEnded(run, fail)

  function fail(what: string, note: string): void {
    report.count(what)
    report.note(note)
  }
}

type Fail = (what: string, note: string) => void

async function checkNarrow(run: Run, fail: Fail): Promise<void> {
  const { page, context } = await visitAs(run, 'narrow')
  for (const link of await page.getByRole('navigation').getByRole('link').all()) {
    const to = await link.getAttribute('href')
    if (to !== '/console') fail(DEMANDED.shown, String(to))
  }
  const [headers, token] = [await headersOf(context), await tokenOn(page)]
  for (const listed of PAGES.filter((listed) => listed.for === undefined)) {
    const status = await statusFor(run.world, listed, headers, token)
    if (status !== 403) fail(DEMANDED.narrow, `${listed.name}: ${status}`)
  }
  for (const route of NO_PAGES.filter(
    (route) => route.startsWith('POST ') && route !== 'POST /console/sign-out',
  )) {
    const status = await statusFor(run.world, { route, at: () => '' }, headers, token)
    if (status !== 403) fail(DEMANDED.narrow, `${route}: ${status}`)
  }
  await context.close()
}

/** What the server says to a request, also to one that no page offers. */
async function statusFor(
  world: World,
  { route, at }: { readonly route: string; readonly at: ListedPage['at'] },
  headers: Record<string, string>,
  token: string,
): Promise<number> {
  const [method = '', path = ''] = route.split(' ')
  const asked = path.replaceAll(/:\w+/g, world.session.id)
  const reply = await fetch(world.wire.url + (method === 'GET' ? at(world) : asked), {
    method,
    redirect: 'manual',
    headers: { ...FORM, ...headers },
    ...(method === 'POST' && { body: `_token=${token}&minutes=60` }),
  })
  return reply.status
}

/** Whose sign-in has ended is led to sign in, and from there to where they wanted to go. */
async function checkEnded(run: Run, fail: Fail): Promise<void> {
  const { page, context } = await visitAs(run, 'support')
  await page.goto('/console/sessions')
  await fetch(`${run.world.wire.url}/console/sign-out`, {
    method: 'POST',
    redirect: 'manual',
    headers: { ...FORM, ...(await headersOf(context)) },
    body: `_token=${await tokenOn(page)}`,
  })
  await page.getByRole('button', { name: 'Open a session' }).click()
  await page.waitForURL('**/console/sign-in?*')
  await page.getByLabel('API key').fill(run.world.keys.support)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.waitForLoadState()
  if (!page.url().endsWith('/console/sessions/new')) fail(DEMANDED.ended, page.url())
  await context.close()
}

function tokenOn(page: Page): Promise<string> {
  return page.locator('input[name="_token"]').first().inputValue()
}

async function headersOf(context: BrowserContext): Promise<Record<string, string>> {
  const cookies = await context.cookies()
  return {
    cookie: cookies.map(({ name, value }) => `${name}=${value}`).join('; '),
    'sec-fetch-site': 'same-origin',
  }
}
