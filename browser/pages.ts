import type { Page } from 'playwright-core'
import { PEOPLE } from './people.js'
import { NUMBERS, type World } from './world.js'

/** A page of the console, as the service registers it, and how a browser gets there. */
export interface ListedPage {
  /** For its pictures and in the report. */
  readonly name: string
  readonly route: `${'GET' | 'POST'} /console${string}`
  /** The address of the page, or of the one where the form stands that leads to it. */
  readonly at: (world: World) => string
  /** Sends the form, and waits for what a script shows of the reply. */
  readonly send?: (page: Page) => Promise<void>
  /** 200 where it is not given. */
  readonly status?: number
  /** `anybody` need not have signed in; `any key` may see it. All others are refused to a key that may do next to nothing. */
  readonly for?: 'anybody' | 'any key'
  /** What it shows changes by itself, so that it is another one the next time. */
  readonly data?: 'changes'
  /** Docs show what all such pages look like, and leave this one out. */
  readonly picture?: 'none'
}

/** Where no page is. */
export const NOWHERE = 'GET /console/*'

/** One of the pool. */
const NUMBER = `/console/numbers/+${NUMBERS.at(-1)}`

/** Every page. One that the service has and this list has not makes the run fail. */
export const PAGES: readonly ListedPage[] = [
  { name: 'sign-in', route: 'GET /console/sign-in', at: () => '/console/sign-in', for: 'anybody' },
  {
    name: 'sign-in-wrong',
    picture: 'none',
    route: 'POST /console/sign-in',
    at: () => '/console/sign-in',
    for: 'anybody',
    status: 401,
    async send(page) {
      await page.getByLabel('API key').fill('a-key-that-nobody-made')
      await page.getByRole('button', { name: 'Sign in' }).click()
    },
  },
  { name: 'overview', route: 'GET /console', at: () => '/console', for: 'any key' },
  { name: 'sessions', route: 'GET /console/sessions', at: () => '/console/sessions' },
  {
    name: 'sessions-found',
    route: 'POST /console/sessions/search',
    at: () => '/console/sessions',
    async send(page) {
      await page.getByLabel('Real number of a participant').fill(PEOPLE.rider)
      await page.getByRole('button', { name: 'Search' }).click()
    },
  },
  { name: 'session-new', route: 'GET /console/sessions/new', at: () => '/console/sessions/new' },
  {
    name: 'session-refused',
    picture: 'none',
    route: 'POST /console/sessions/new',
    at: () => '/console/sessions/new',
    status: 422,
    async send(page) {
      await page.getByLabel('Real number of the first participant').fill(PEOPLE.rider)
      await page.getByLabel('Real number of the second participant').fill(PEOPLE.rider)
      await page.getByRole('button', { name: 'Open a session' }).click()
    },
  },
  {
    name: 'session',
    route: 'GET /console/sessions/:id',
    at: ({ session }) => `/console/sessions/${session.id}`,
  },
  {
    name: 'session-closed',
    picture: 'none',
    route: 'GET /console/sessions/:id',
    at: ({ closed }) => `/console/sessions/${closed.id}`,
  },
  {
    name: 'session-hostile',
    picture: 'none',
    route: 'GET /console/sessions/:id',
    at: ({ hostile }) => `/console/sessions/${hostile.id}`,
  },
  {
    name: 'session-close',
    route: 'GET /console/sessions/:id/close',
    at: ({ session }) => `/console/sessions/${session.id}/close`,
  },
  { name: 'why', route: 'GET /console/why', at: () => '/console/why', picture: 'none' },
  {
    name: 'why-answered',
    route: 'POST /console/why',
    at: () => '/console/why',
    async send(page) {
      await page.locator('#caller').fill(PEOPLE.stranger)
      await page.locator('#dialled').fill('919000000001')
      await page.locator('main form button[type=submit]').first().click()
      await page.locator('#why-answer').waitFor()
    },
  },
  { name: 'calls', route: 'GET /console/calls', at: () => '/console/calls' },
  { name: 'call', route: 'GET /console/calls/:id', at: ({ talked }) => `/console/calls/${talked}` },
  {
    name: 'call-live',
    picture: 'none',
    route: 'GET /console/calls/:id',
    at: ({ live }) => `/console/calls/${live}`,
  },
  { name: 'numbers', route: 'GET /console/numbers', at: () => '/console/numbers' },
  { name: 'number', route: 'GET /console/numbers/:number', at: () => NUMBER },
  {
    name: 'number-remove',
    route: 'GET /console/numbers/:number/remove',
    at: () => `${NUMBER}/remove`,
    picture: 'none',
  },
  {
    name: 'numbers-new',
    route: 'GET /console/numbers/new',
    at: () => '/console/numbers/new',
    picture: 'none',
  },
  {
    name: 'numbers-refused',
    picture: 'none',
    route: 'POST /console/numbers/new',
    at: () => '/console/numbers/new',
    status: 422,
    async send(page) {
      await page.locator('textarea').fill('no number')
      await page.getByRole('button', { name: 'Add them' }).click()
    },
  },
  { name: 'numbers-account', route: 'GET /console/numbers/account', at: () => '/console/numbers/account' },
  { name: 'events', route: 'GET /console/events', at: () => '/console/events' },
  {
    name: 'deliveries',
    data: 'changes',
    route: 'GET /console/events/deliveries',
    at: () => '/console/events/deliveries',
  },
  { name: 'endpoints', route: 'GET /console/webhooks', at: () => '/console/webhooks' },
  {
    name: 'endpoint',
    data: 'changes',
    route: 'GET /console/webhooks/:id',
    at: ({ webhook }) => `/console/webhooks/${webhook}`,
  },
  {
    name: 'endpoint-tested',
    data: 'changes',
    picture: 'none',
    route: 'POST /console/webhooks/:id/test',
    at: ({ webhook }) => `/console/webhooks/${webhook}`,
    async send(page) {
      await page.locator('form[action$="/test"] button').click()
    },
  },
  {
    name: 'endpoint-redelivered',
    data: 'changes',
    picture: 'none',
    route: 'POST /console/webhooks/:id/redeliver',
    at: ({ webhook }) => `/console/webhooks/${webhook}`,
    async send(page) {
      await page.locator('#since').fill('2026-01-01T00:00')
      await page.locator('form[action$="/redeliver"] button').click()
    },
  },
  {
    name: 'endpoint-new',
    route: 'GET /console/webhooks/new',
    at: () => '/console/webhooks/new',
    picture: 'none',
  },
  {
    name: 'endpoint-refused',
    picture: 'none',
    route: 'POST /console/webhooks/new',
    at: () => '/console/webhooks/new',
    status: 422,
    async send(page) {
      await page.locator('#url').fill('http://shop.example.com')
      await page.locator('main form button[type=submit]').first().click()
    },
  },
  {
    name: 'endpoint-rotated',
    data: 'changes',
    picture: 'none',
    route: 'POST /console/webhooks/:id/rotate',
    at: ({ webhook }) => `/console/webhooks/${webhook}`,
    async send(page) {
      await page.locator('form[action$="/rotate"] button').click()
    },
  },
  {
    name: 'endpoint-remove',
    picture: 'none',
    route: 'GET /console/webhooks/:id/remove',
    at: ({ webhook }) => `/console/webhooks/${webhook}/remove`,
  },
  { name: 'simulator', route: 'GET /console/simulator', at: () => '/console/simulator', picture: 'none' },
  {
    name: 'simulator-call',
    route: 'GET /console/simulator',
    at: ({ session }) => `/console/simulator?session=${session.id}&caller=0`,
  },
  {
    name: 'simulator-hostile',
    picture: 'none',
    route: 'GET /console/simulator',
    at: ({ hostile }) => `/console/simulator?session=${hostile.id}&caller=1&dials=other`,
  },
  {
    name: 'simulator-number',
    picture: 'none',
    route: 'GET /console/simulator/number',
    at: () => '/console/simulator/number',
  },
  {
    name: 'simulator-number-called',
    picture: 'none',
    route: 'POST /console/simulator/number',
    at: () => '/console/simulator/number',
    async send(page) {
      await page.getByLabel('Real number of the caller').fill(`+${PEOPLE.stranger}`)
      await page.getByLabel('The number that they dial').fill('+919000000001')
      await page.getByRole('button', { name: 'Dial' }).click()
      await page.getByText('It does not connect').waitFor()
    },
  },
  { name: 'keys', route: 'GET /console/keys', at: () => '/console/keys' },
  { name: 'key-new', route: 'GET /console/keys/new', at: () => '/console/keys/new', picture: 'none' },
  {
    name: 'key-refused',
    picture: 'none',
    route: 'POST /console/keys/new',
    at: () => '/console/keys/new',
    status: 409,
    async send(page) {
      await page.locator('#name').fill('support')
      await page.locator('main input[type=checkbox]').first().check()
      await page.locator('main form button[type=submit]').click()
    },
  },
  {
    name: 'key-revoke',
    picture: 'none',
    route: 'GET /console/keys/:name/revoke',
    at: () => '/console/keys/support/revoke',
  },
  { name: 'audit', data: 'changes', route: 'GET /console/audit', at: () => '/console/audit' },
  { name: 'checkup', route: 'GET /console/checkup', at: () => '/console/checkup', picture: 'none' },
  {
    name: 'checkup-found',
    data: 'changes',
    route: 'POST /console/checkup',
    at: () => '/console/checkup',
    async send(page) {
      await page.getByRole('button', { name: 'Run the check-up' }).click()
    },
  },
  {
    name: 'not-found',
    picture: 'none',
    route: NOWHERE,
    at: () => '/console/nothing-here',
    status: 404,
    for: 'any key',
  },
]

/** What the service has below /console and is no page: files, streams, and forms whose reply leads to a page. */
export const NO_PAGES: readonly string[] = [
  'GET /console/assets/:version/:name',
  'GET /console/live',
  'GET /console/language',
  'GET /console/calls/:id/recording',
  'POST /console/sign-out',
  'POST /console/sessions/:id/extend',
  'POST /console/sessions/:id/replace',
  'POST /console/sessions/:id/close',
  'POST /console/numbers/:number/state',
  'POST /console/numbers/:number/label',
  'POST /console/numbers/:number/remove',
  'POST /console/events/deliveries/:id/again',
  'POST /console/webhooks/:id/change',
  'POST /console/webhooks/:id/state',
  'POST /console/webhooks/:id/remove',
  'POST /console/keys/:name/revoke',
  'POST /console/keys/sign-ins',
]
