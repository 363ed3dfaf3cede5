import { Ajv2020 } from 'ajv/dist/2020.js'
import ajvFormats from 'ajv-formats'
import { type Test, test } from 'tap'
import { bodySchema } from '../../src/api/event-payloads.js'
import type { EventPageView, EventView } from '../../src/api/event-schemas.js'
import { callService, DRIVER, ID, OTHER_ID, RIDER, tellsNumber, urlsIn } from '../call-service.js'
import { documentCheck } from '../documented.js'
import { API } from '../helper.js'

async function service(t: Test, environment: Readonly<Record<string, string>> = {}) {
  const built = await callService(t, environment)
  const { app, clock } = built
  const undocumented = await documentCheck(app)
  const ask = async (query = '', headers: Record<string, string> = API.headers) => {
    const request = { method: 'GET' as const, url: `/v1/events${query}`, headers }
    const reply = await app.inject(request)
    t.equal(undocumented(request, reply), undefined)
    return reply
  }
  return {
    ...built,
    ask,
    /** All that was told so far. */
    async told(query = '?order=oldest'): Promise<EventView[]> {
      await new Promise((resolve) => setImmediate(resolve))
      clock.time += 2_000
      await clock.tick(1_000)
      return (await ask(query)).json().events
    },
  }
}

const types = (events: readonly EventView[]) => events.map(({ type }) => type)

test('a session and its call are told from beginning to end, without a number', async (t) => {
  const { app, ask, dial, open, send, told, clock } = await service(t)
  const { id, dialled } = await open()
  const urls = urlsIn((await dial(RIDER, dialled)).body)
  t.same(types(await told()), ['session.opened', 'call.started'])
  clock.time += 1_000
  await send(urls.leg as string, { DialBLegUUID: OTHER_ID, Event: 'DialAnswer' })
  await send(urls.leg as string, { DialBLegUUID: OTHER_ID, Event: 'DialConnected' })
  await send(urls.dialled as string, { DialStatus: 'completed' })
  await app.sessions.close(id)
  const all = await told()
  t.same(types(all).sort(), [
    'call.answered',
    'call.ended',
    'call.started',
    'session.closed',
    'session.opened',
  ])
  t.match(all[0], { session_id: id, data: { version: 1, session_id: id, sequence: 1 } })
  t.notOk(tellsNumber(JSON.stringify(all)))

  const ajv = new Ajv2020({ strict: false })
  ajvFormats.default(ajv)
  for (const { type, timestamp, data } of all)
    t.ok(ajv.validate(bodySchema(type), { type, timestamp, data }), `${type}: ${ajv.errorsText(ajv.errors)}`)

  t.same(types((await ask('?type=call.ended')).json().events), ['call.ended'])
  t.equal((await ask(`?session_id=${id}`)).json().events.length, 5)
  t.same((await ask('?session_id=s_none')).json(), { events: [], next_cursor: null })
  const from = new Date(clock.time - 2_000).toISOString()
  t.equal((await ask(`?from=${from}`)).json().events.length, 3)
  t.equal((await ask(`?from=${from}&order=oldest`)).json().events.length, 3)
  t.equal((await ask(`?to=${from}`)).json().events.length, 2)
  t.equal((await ask(`?to=${from}&order=oldest`)).json().events.length, 2)

  clock.time += 24 * 60 * 60 * 1_000
  t.same(await told(), [], 'in memory, they are forgotten after a day')
})

test('what becomes of a number is told at once, however soon it is another thing', async (t) => {
  const { app, ask } = await service(t)
  const put = (method: 'POST' | 'PUT', path: string, payload: object) =>
    app.inject({ method, url: `/v1/numbers${path}`, headers: API.headers, payload })
  t.equal((await put('POST', '', { numbers: [{ number: '+919000000099' }] })).statusCode, 201)
  for (const state of ['draining', 'active'])
    t.equal((await put('PUT', '/919000000099', { state })).statusCode, 200)
  const { events } = (await ask('?order=oldest')).json() as EventPageView
  t.same(
    events.map(({ type, data }) => [type, data.number]),
    ['number.added', 'number.draining', 'number.activated'].map((type) => [type, '+919000000099']),
  )
})

test('events come in pages, in both orders', async (t) => {
  const { ask, open, told } = await service(t)
  for (const _ of [1, 2, 3]) await open().catch(() => undefined)
  const all = await told()
  t.ok(all.length > 1)
  for (const order of ['newest', 'oldest']) {
    const seen: EventView[] = []
    for (let cursor: string | null = ''; cursor !== null; ) {
      const page: EventPageView = (
        await ask(`?limit=1&order=${order}${cursor && `&cursor=${cursor}`}`)
      ).json()
      seen.push(...page.events)
      cursor = page.next_cursor
    }
    t.same(
      seen.map(({ id }) => id),
      (order === 'oldest' ? all : all.toReversed()).map(({ id }) => id),
    )
  }
})

test('with a person, the events of their sessions are erased, also those that are yet to come', async (t) => {
  const { app, dial, open, told, logged } = await service(t)
  const { dialled } = await open()
  await dial(RIDER, dialled)
  t.equal((await told()).length, 2)
  await app.people.erase(DRIVER)
  t.same(await told(), [])
  t.notOk(tellsNumber(logged()))
  t.notOk(logged().includes(`"callUuid":"${ID}","level":50`))
})

test('a key needs the scope events:read', async (t) => {
  const { ask } = await service(t)
  t.equal((await ask('', {})).statusCode, 401)
})
