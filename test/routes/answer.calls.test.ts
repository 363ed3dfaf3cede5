import { randomUUID } from 'node:crypto'
import { test } from 'tap'
import { callService, DRIVER, ID, OTHER_ID, RIDER, urlsIn } from '../call-service.js'
import { testClock } from '../clocks.js'
import { DECLARATION, lines, PAIR, REFUSAL } from '../fixtures.js'
import { HOUR } from '../session-store-contract.js'
import { judge } from '../vobiz-verbs.js'

test('a session connects so many calls, each counted once', async (t) => {
  const { open, dial, find, logged } = await callService(t)
  const { id, dialled } = await open({ maxCalls: 1 })
  const hears = async (CallUUID: string) => (await dial(RIDER, dialled, { CallUUID })).body
  for (let i = 0; i < 3; i += 1) t.match(await hears(ID), '<Dial', 'the same call, asked again')
  const refused = await hears(OTHER_ID)
  t.match(refused, '<Speak>No more calls can be made with this number.</Speak><Hangup/>')
  t.same(judge(refused), [])
  t.match(lines(logged()).at(-1), { outcome: 'refuse', reason: 'too-many-calls', sessionId: id })
  t.match(await find(OTHER_ID), { begun: { refused: 'too-many-calls', sessionId: id } })
  t.match(await hears(ID), '<Dial')
})

test('outside of its hours a session says so', async (t) => {
  // A Tuesday.
  const clock = testClock(Date.UTC(2026, 8, 1, 12))
  const { open, dial, find, logged } = await callService(t, { CALL_HOURS: 'tue 09:00-12:30 UTC' }, clock)
  const { dialled } = await open()
  const hears = async (from: string, to: string) => (await dial(from, to, { CallUUID: randomUUID() })).body
  t.match(await hears(RIDER, dialled), '<Dial')
  t.match(await hears(PAIR.FE, PAIR.M1), '<Dial')
  clock.time += HOUR / 2
  for (const [from, to] of [
    [RIDER, dialled],
    [PAIR.FE, PAIR.M1],
  ] as const) {
    const document = await hears(from, to)
    t.match(document, 'does not connect calls at this time of the day.')
    t.same(judge(document), [])
  }
  t.equal(await hears(DRIVER, dialled), REFUSAL, 'a stranger hears what strangers hear')
  await dial(RIDER, dialled)
  t.match(await find(), { begun: { refused: 'outside-hours' } })
  t.match(lines(logged()).at(-1), { reason: 'outside-hours' })
})

test('after the end of a session, a caller gets what that one or the business said', async (t) => {
  const { app, open, dial } = await callService(t, { SUPPORT_NUMBER: '+912223456789' })
  const { id, dialled } = await open()
  await app.sessions.close(id)
  const support = (await dial(RIDER, dialled)).body
  t.match(support, '<Number>+912223456789</Number>')
  t.match(support, `callerId="+${dialled}"`)
  t.same(urlsIn(support), {})
  t.same(judge(support), [])
  const other = await open({ afterEnd: { say: 'The trip is over.' } })
  await app.sessions.close(other.id)
  t.equal(
    (await dial(RIDER, other.dialled, { CallUUID: OTHER_ID })).body,
    `${DECLARATION}<Response><Speak>The trip is over.</Speak><Hangup/></Response>`,
  )
  const stranger = await dial('919812300009', dialled, { CallUUID: randomUUID() })
  t.equal(stranger.body, REFUSAL)
})

test('ANSWER_FIRST picks a call up before it is bridged', async (t) => {
  const { dial, open } = await callService(t, { ANSWER_FIRST: 'wait' })
  t.match((await dial(PAIR.FE, PAIR.M1)).body, '<Response><Wait length="1"/><Dial')
  const { dialled } = await open()
  t.match((await dial(RIDER, dialled)).body, '<Response><Wait length="1"/><Dial')
  t.equal((await dial('919812300009', dialled)).body, REFUSAL)
})

test('a call that the carrier gave no id is connected, and told of by nobody', async (t) => {
  const { dial, open, app } = await callService(t)
  const { dialled } = await open({ whisper: 'For you.', maxCalls: 1 })
  for (const CallUUID of ['', RIDER, 'abc']) {
    const { body } = await dial(RIDER, dialled, { CallUUID })
    if (CallUUID === '') t.match(body, '<Dial')
    t.same(urlsIn(body), {})
  }
  t.same((await app.calls.list({ limit: 9 })).calls, [])
})

test('the answer to a call does not wait for its record', async (t) => {
  const { app, dial, find } = await callService(t)
  const { storage } = app.storages
  const { swap } = storage
  const asked: string[] = []
  storage.swap = (change) => {
    asked.push(change.key.kind)
    return new Promise(() => undefined)
  }
  t.match((await dial(PAIR.FE, PAIR.M1)).body, '<Dial')
  await find()
  t.same(asked, ['call'])
  storage.swap = swap
})
