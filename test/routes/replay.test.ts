import { type Test, test } from 'tap'
import type { Clock } from '../../src/clock.js'
import { signatureHeaders } from '../../src/vobiz/signature.js'
import { patientClock, testClock } from '../clocks.js'
import { lines, REFUSAL, webhook } from '../fixtures.js'
import { API, type Built, build } from '../helper.js'
import { startServer, until, withServer } from '../redis-server.js'
import { STORE_KEY } from '../redis-store.js'

const PUBLIC = 'https://mask.example.com'
const TOKEN = 'test_auth_token'
const ENVIRONMENT = {
  ...API.environment,
  VOBIZ_AUTH_TOKEN: TOKEN,
  PUBLIC_BASE_URL: PUBLIC,
  WEBHOOK_AUTH: 'required',
  NUMBER_REST: '0',
  MASKING_NUMBERS: '919000000011',
}
const RIDER = '919800000001'
const [DRIVER, NEXT_DRIVER] = ['919800000002', '919800000003']

/** Plays the business and the carrier. */
function players({ app }: Built) {
  const post = async (url: string, payload: object, method: 'POST' | 'PATCH' = 'POST') =>
    (await app.inject({ method, url, headers: API.headers, payload })).json()
  return {
    open: (driver: string) => post('/v1/sessions', { participants: [{ number: RIDER }, { number: driver }] }),
    close: (id: string) => post(`/v1/sessions/${id}/close`, {}),
    replace: (id: string, driver: string) =>
      post(`/v1/sessions/${id}`, { participants: [{}, { number: driver }] }, 'PATCH'),
    ring: async (request: ReturnType<typeof capture>) => (await app.inject(request)).body,
  }
}

function capture(to: string) {
  const call = webhook({ From: RIDER, To: to, CallUUID: '00000000-0000-4000-8000-000000000000' })
  return { ...call, headers: { ...call.headers, ...signatureHeaders(`${PUBLIC}/answer`, TOKEN) } }
}

const reaches = (driver: string) => `<Number>+${driver}</Number>`

/** The same attack on any instances: `first` answers the call, `second` the replay. */
async function attack(t: Test, first: Built, second: Built): Promise<void> {
  const { open, close, ring } = players(first)
  const { id, participants } = await open(DRIVER)
  if (first !== second) await areOlder(first, second)
  const [{ masking_number: to }] = participants
  const captured = capture(to)
  t.match(await ring(captured), reaches(DRIVER))
  t.match(await players(second).ring(captured), reaches(DRIVER), 'a retry gets the same answer')
  await close(id)
  t.equal(await players(second).ring(captured), REFUSAL, 'and a refusal when it is no longer true')

  const next = await open(NEXT_DRIVER)
  t.equal(next.participants[0].masking_number, to, 'the same number means the next driver')
  t.match(await ring(capture(to)), reaches(NEXT_DRIVER))
  for (const instance of [first, second]) {
    t.equal(await players(instance).ring(captured), REFUSAL, 'whom an old capture does not reach')
  }
  t.match(lines(second.logged()).at(-1), { msg: 'call', outcome: 'refuse', reason: 'outdated-retry' })
}

/** Milliseconds by which two instances may estimate the clock of one store differently. */
const CLOCKS_APART_MS = 250

/** Of what another instance answered, time tells: a session must be older than the request, by the clocks of both. */
async function areOlder(...instances: readonly Built[]): Promise<void> {
  const opened = Math.max(...instances.map(({ app }) => app.sessions.now()))
  await until('the session is older than any request', () =>
    instances.every(({ app }) => app.sessions.now() > opened + CLOCKS_APART_MS),
  )
}

test('a captured webhook does not reach a later session on the same number', async (t) => {
  for (const clock of [testClock(), undefined] as (Clock | undefined)[]) {
    const built = await build(t, ENVIRONMENT, clock)
    await attack(t, built, built)
  }
})

test('a captured webhook does not reach a later session on another instance', withServer, async (t) => {
  const server = await startServer(t)
  const environment = { ...ENVIRONMENT, STORE_URL: server.url, STORE_KEY }
  const [a, b] = [await build(t, environment, patientClock), await build(t, environment, patientClock)]
  await until('the store is there', () => [a, b].every(({ app }) => app.sharedStore?.link.isUp))
  await attack(t, a, b)
})

test('a captured webhook does not reach a participant who replaced the first one', async (t) => {
  const built = await build(t, ENVIRONMENT, testClock())
  const { open, ring, replace } = players(built)
  const { id, participants } = await open(DRIVER)
  const captured = capture(participants[0].masking_number)
  t.match(await ring(captured), reaches(DRIVER))
  t.equal((await replace(id, NEXT_DRIVER)).id, id)
  t.match(await ring(capture(participants[0].masking_number)), reaches(NEXT_DRIVER))
  t.equal(await ring(captured), REFUSAL)
})
