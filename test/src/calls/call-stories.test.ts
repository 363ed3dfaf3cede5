import { randomUUID } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { type Test, test } from 'tap'
import type { CallCountsView } from '../../../src/api/call-counts-schemas.js'
import type { CallFacts, RecordedFacts } from '../../../src/calls/call-facts.js'
import { newsOf } from '../../../src/calls/call-news.js'
import { summaryOf } from '../../../src/calls/call-summary.js'
import type { Call } from '../../../src/calls/calls.js'
import type { Clock } from '../../../src/clock.js'
import { eventId } from '../../../src/events/event.js'
import { otherSide } from '../../../src/masking/session.js'
import {
  LEG,
  PIN_STORIES,
  RECORDING,
  START_APP,
  STORIES,
  type Story,
  type StoryEvent,
} from '../../call-stories.js'
import { patientClock, testClock } from '../../clocks.js'
import { lines, PAIR, webhook } from '../../fixtures.js'
import { API, type Built, build, hasStore } from '../../helper.js'
import { startServer, until, withServer } from '../../redis-server.js'
import { STORE_KEY } from '../../redis-store.js'
import { person, whole } from '../../session-store-contract.js'
import { judge } from '../../vobiz-verbs.js'
import { IN_MEMORY, temporaryFolder } from '../stores/file/folders.js'

const BASE = 'https://mask.example.com'
const STRANGERS = '91980099'
const STRANGER = `${STRANGERS}9999`

/** How often a record is looked at until it is wrong: for half a minute at least. */
const MAX_POLLS = 1_500

/** How a story is told: which of its events come in which order, some of them again, and how many at once. */
interface Telling {
  readonly order: readonly number[]
  /** How many are sent before the next ones wait for their replies. */
  readonly atOnce: readonly number[]
}

function tellings({ events }: Story): fc.Arbitrary<Telling> {
  const each = events.map((_, i) => i)
  const again = events.length === 0 ? fc.constant([]) : fc.array(fc.constantFrom(...each), { maxLength: 4 })
  return fc.record({
    order: again.chain((more) => {
      const all = [...each, ...more]
      return fc.shuffledSubarray(all, { minLength: all.length, maxLength: all.length })
    }),
    atOnce: fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 6 }),
  })
}

/** The whole service, once or more often, on one store. A call is answered by any of its instances, and so is each event. */
async function serve(t: Test, count: number, environment: Record<string, string>, clock: Clock) {
  const instances: Built[] = []
  for (let i = 0; i < count; i += 1)
    instances.push(
      await build(t, { ...API.environment, PUBLIC_BASE_URL: BASE, STORE_KEY, ...environment }, clock),
    )
  const [{ app }] = instances as [Built]
  await until('the store is there', async () => !app.sharedStore || (await hasStore(app)))
  let turn = 0
  let strangers = 0

  /** Plays a story, and gives what is recorded of it in the end. */
  async function play(story: Story, { order, atOnce }: Telling): Promise<Played> {
    const { called, dialled, shown, sessionId, pin = '', ...parties } = await partiesOf(story)
    strangers += 1
    // Another one each time: whoever is asked in vain too often is asked no more.
    const from = story.pin ? `${STRANGERS}${String(strangers).padStart(4, '0')}` : parties.from
    const callId = randomUUID()
    // The ids are those of this call alone.
    const own = (text: string) =>
      text
        .replaceAll(LEG, legId)
        .replaceAll(RECORDING, recordingId)
        .replace('%called%', called)
        .replace('%session%', String(sessionId))
    const [legId, recordingId] = [randomUUID(), randomUUID()]
    const wrong: string[] = []

    async function send(
      url: string,
      fields: Readonly<Record<string, string>>,
      use: 'call' | 'whisper' | 'event',
    ) {
      turn += 1
      const { app } = instances[turn % count] as Built
      const own = {
        ...fields,
        CallUUID: callId,
        From: from,
        To: `0${dialled.slice(2)}`,
        CallerName: `+${from}`,
      }
      const reply = await app.inject({ ...webhook(own), url })
      if (reply.statusCode !== 200) wrong.push(`${fields.Event}: ${reply.statusCode}`)
      wrong.push(...judge(reply.body, use))
      return reply.body
    }

    const answers = await Promise.all(
      Array.from({ length: story.answers }, () => send('/answer', START_APP, 'call')),
    )
    const enter = (question: string) =>
      send(urlIn(question, 'pin'), { ...START_APP, Event: 'Redirect', Digits: pin }, 'call')
    const documents = story.pin === 'entered' ? await Promise.all(answers.map(enter)) : answers
    const tell = ({ to, fields }: StoryEvent) => {
      const told = Object.fromEntries(Object.entries(fields).map(([name, text]) => [name, own(text)]))
      const use = to === 'whisper' ? 'whisper' : to === 'dialled' ? 'call' : 'event'
      const document = documents[turn % documents.length] as string
      return send(to === 'answer' ? '/answer' : urlIn(document, to), told, use)
    }
    const left = order.map((i) => story.events[i] as StoryEvent)
    for (let i = 0; left.length > 0; i += 1)
      await Promise.all(left.splice(0, atOnce[i % atOnce.length]).map(tell))

    // What is noted behind the replies comes in its own time.
    let polls = 0
    await until('all is recorded', async () => {
      await Promise.all(instances.map(({ app }) => app.callRecorder.upkeep()))
      polls += 1
      const isRecorded = isDeepStrictEqual(shapeOf(await app.calls.find(callId)), shapeOf(expected()))
      return polls === MAX_POLLS || (isRecorded && (await untoldOf(expected())).length === 0)
    })
    wrong.push(...(await untoldOf(expected())).map((name) => `${name} was not told`))
    return { callId, sessionId, facts: await app.calls.find(callId), expected: expected(), wrong }

    /** What is news of it, and not in the outbox. */
    async function untoldOf(facts: RecordedFacts): Promise<string[]> {
      const { outbox } = app.events
      const names = newsOf(facts).map(({ name }) => name)
      const events = await Promise.all(names.map((name) => outbox.find(eventId(callId, name))))
      return names.filter((_, i) => !events[i])
    }

    function expected(): RecordedFacts {
      const { begun, ...facts } = story.facts
      const isKnown = sessionId !== undefined && story.pin !== 'not entered'
      const isConnected = story.caller !== 'stranger' && story.pin !== 'not entered'
      const more = {
        maskingNumber: dialled,
        ...(isConnected && { shown }),
        ...(isKnown && { sessionId }),
      }
      return JSON.parse(own(JSON.stringify({ ...facts, begun: { ...begun, ...more } })))
    }
  }

  const opened = new Map<Story, Parties>()
  async function partiesOf(story: Story): Promise<Parties> {
    const { caller, call } = story
    const pair = { called: PAIR.CUSTOMER, dialled: PAIR.M1, shown: PAIR.M2, sessionId: undefined }
    if (caller === 'pair') return { ...pair, from: PAIR.FE }
    if (caller === 'stranger') return { ...pair, from: STRANGER }
    const known = opened.get(story)
    if (known) return known
    const n = 2 * (story.pin ? PIN_STORIES : STORIES).indexOf(story)
    const at = app.storages.storage.now()
    const outcome = await app.sessions.create({
      participants: [person(n), person(n + 1)],
      createdAt: at,
      expiresAt: at + 60 * 60 * 1_000,
      fingerprint: '',
      allowShortRest: false,
      call,
    })
    if (!('session' in outcome)) throw new Error(outcome.kind)
    const { id, participants } = outcome.session
    const { number, maskingNumber } = participants[caller]
    const parties = {
      from: number,
      pin: outcome.kind === 'created' ? outcome.pins[caller] : undefined,
      called: whole(person(n + 1 - caller)),
      dialled: maskingNumber,
      shown: participants[otherSide(caller)].maskingNumber,
      sessionId: id,
    }
    opened.set(story, parties)
    return parties
  }

  return { app, instances, play }
}

/** Whole numbers: who calls, whom it is to reach, what is dialled, and what the other phone shows. */
interface Parties {
  readonly from: string
  readonly called: string
  readonly dialled: string
  readonly shown: string
  readonly sessionId: string | undefined
  readonly pin?: string | undefined
}

interface Played {
  readonly callId: string
  readonly sessionId: string | undefined
  readonly facts: CallFacts | undefined
  readonly expected: CallFacts
  /** What is wrong with our replies. */
  readonly wrong: readonly string[]
}

/** Facts without the moment when the call began. */
function shapeOf(facts: CallFacts | undefined): unknown {
  return JSON.parse(JSON.stringify({ ...facts, begun: { ...facts?.begun, at: 0 } }))
}

const ATTRIBUTE_OF: Readonly<Record<string, RegExp>> = {
  dialled: /<Dial [^>]*\baction="([^"]*)"/,
  leg: /<Dial [^>]*\bcallbackUrl="([^"]*)"/,
  whisper: /\bconfirmSound="([^"]*)"/,
  recording: /<Record [^>]*\baction="([^"]*)"/,
  recorded: /<Record [^>]*\bcallbackUrl="([^"]*)"/,
  pin: /<Gather [^>]*\baction="([^"]*)"/,
}

/** The path that a document gives for this. */
function urlIn(document: string, purpose: string): string {
  const url = ATTRIBUTE_OF[purpose]?.exec(document)?.[1] ?? ''
  if (!url.startsWith(`${BASE}/answer/${purpose}/`)) throw new Error(`no URL of ${purpose}: ${document}`)
  return url.slice(BASE.length)
}

async function tellAll(
  t: Test,
  { play, app, instances }: Awaited<ReturnType<typeof serve>>,
  runs: number,
  stories = STORIES,
) {
  const numbers = [...STORIES.flatMap((_, n) => [whole(person(2 * n)), whole(person(2 * n + 1))])]
  const isReal = (text: string) =>
    text.includes(STRANGERS.slice(2)) ||
    [...numbers, PAIR.FE, PAIR.CUSTOMER].some((number) => text.includes(number.slice(-10)))
  for (const story of stories) {
    await t.test(story.title, async (t) => {
      const told: string[] = []
      await fc.assert(
        fc.asyncProperty(tellings(story), async (telling) => {
          const { callId, facts, expected, wrong } = await play(story, telling)
          told.push(callId)
          if (wrong.length > 0) throw new Error(wrong.join('\n'))
          if (isReal(JSON.stringify(facts))) throw new Error('a real number is in the record')
          if (!isDeepStrictEqual(shapeOf(facts), shapeOf(expected)))
            throw new Error(`${JSON.stringify(facts)}\nin the place of\n${JSON.stringify(expected)}`)
        }),
        { numRuns: runs, endOnFailure: true },
      )
      const facts = (await app.calls.find(told[0] as string)) as CallFacts
      t.match(summaryOf(facts), story.summary)
      const ends = lines(instances.map(({ logged }) => logged()).join(''))
        .filter(({ msg }) => msg === 'call ended')
        .map(({ callUuid }) => callUuid)
      for (const callId of told)
        t.equal(
          ends.filter((id) => id === callId).length,
          story.summary.outcome === undefined ? 0 : 1,
          'its end is logged once',
        )
    })
  }
  await t.test('the counts are those of the records', async (t) => {
    for (const { app } of instances) await app.callCounts.write()
    const { calls } = await app.calls.list({ limit: 10_000 })
    const outcomes = calls.map(({ facts }) => summaryOf(facts).outcome)
    const counted = await countsOf(app)
    t.equal(counted.total, calls.length)
    for (const [outcome, count] of Object.entries(counted.outcomes))
      t.equal(count, outcomes.filter((each) => each === outcome).length, outcome)
    const isConnected = ({ facts }: Call) =>
      summaryOf(facts).refused === undefined && (!facts.pinAsked || facts.pinUsed === true)
    const uses = { dialled: 0, shown: 0 }
    for (const { today, yesterday } of counted.numbers)
      for (const { dialled, shown } of [today, yesterday]) {
        uses.dialled += dialled
        uses.shown += shown
      }
    const connected = calls.filter(isConnected).length
    t.ok(connected > 0)
    t.same(uses, { dialled: connected, shown: connected })
  })
  const log = instances.map(({ startLog, logged }) => startLog + logged()).join('')
  t.notOk(isReal(log), 'no real number is in the log')
  t.match(log, '"msg":"call ended"')
}

/** As the API shows it: of a day, because the clock may have come to another hour. */
async function countsOf(app: Built['app']): Promise<CallCountsView> {
  return (await app.inject({ url: '/v1/calls/summary', headers: API.headers })).json()
}

test('stories of calls in memory', async (t) => {
  await tellAll(t, await serve(t, 1, {}, testClock()), 30)
})

test('stories of calls in a folder', async (t) => {
  const folder = temporaryFolder(t, IN_MEMORY)
  await tellAll(t, await serve(t, 1, { STORE_URL: `file:${folder}` }, testClock()), 8)
})

test('stories of calls on two instances and a Redis server', withServer, async (t) => {
  const { url } = await startServer(t)
  await tellAll(t, await serve(t, 2, { STORE_URL: url }, patientClock), 8)
})

test('stories of calls with a PIN, on every store', async (t) => {
  const settings = { PIN_LENGTH: '6' }
  await t.test('in memory', async (t) => {
    await tellAll(t, await serve(t, 1, settings, testClock()), 20, PIN_STORIES)
  })
  await t.test('in a folder', async (t) => {
    const folder = temporaryFolder(t, IN_MEMORY)
    const served = await serve(t, 1, { ...settings, STORE_URL: `file:${folder}` }, testClock())
    await tellAll(t, served, 8, PIN_STORIES)
  })
  await t.test('on two instances and a Redis server', withServer, async (t) => {
    const { url } = await startServer(t)
    await tellAll(t, await serve(t, 2, { ...settings, STORE_URL: url }, patientClock), 8, PIN_STORIES)
  })
})
