import type { AddressInfo } from 'node:net'
import { type Test, test } from 'tap'
import { buildApp } from '../../../src/app.js'
import { createLogger } from '../../../src/logger.js'
import { cli, fetchWith, PUBLIC } from '../../cli-helper.js'
import { testClock } from '../../clocks.js'
import { captured } from '../../fixtures.js'

const KEY = 'a-key-of-more-than-128-bits'
const PEOPLE = ['--first', '+91 88888 00011', '--second', '918888800012']
const MASKING = ['+919000000003', '+919000000004']

/** A command line for an instance with a pool of two numbers, whose clock moves a second with each command. */
async function instance(t: Test, environment = {}) {
  const clock = testClock(Date.parse('2026-01-01T00:00:00Z'))
  const app = buildApp({
    environment: { API_KEYS: KEY, MASKING_NUMBERS: MASKING.join(','), ...environment },
    logger: createLogger(captured().stream),
    clock,
  })
  t.teardown(() => app.close())
  await app.ready()
  const run = (...args: string[]) => {
    clock.time += 1_000
    return cli(['sessions', ...args, '--url', PUBLIC], { API_KEYS: KEY }, { fetch: fetchWith(app) })
  }
  const json = async (...args: string[]) => JSON.parse((await run(...args, '--json')).out)
  return { app, run, json }
}

test('create opens a session, and repeated with the same external id returns the same one', async (t) => {
  const { run, json } = await instance(t)
  const { code, out, err } = await run('create', ...PEOPLE, '--external-id', 'order-7')
  t.match({ code, err }, { code: 0, err: '' })
  const session = await json('create', ...PEOPLE, '--external-id', 'order-7')
  t.match(session, { id: /^s_/, status: 'open', external_id: 'order-7' })
  const [first, second] = session.participants
  t.ok(MASKING.includes(first.masking_number))
  t.equal(
    out,
    `session   ${session.id}
status    open
first     …11 dials ${first.masking_number}
second    …12 dials ${second.masking_number}
expires   2026-01-02T00:00:01.000Z
external  order-7
`,
  )
  t.notMatch(out, '88888')
})

test('create takes --expires-in and --allow-short-rest', async (t) => {
  const { app, run, json } = await instance(t)
  const { created_at, expires_at } = await json('create', ...PEOPLE, '--expires-in', '600')
  t.equal(Date.parse(expires_at) - Date.parse(created_at), 600_000)

  // The first person's other number is used up too, and both sessions are over: every number of theirs rests.
  await run('create', '--first', '918888800011', '--second', '918888800013')
  for (const { id } of (await app.sessions.list({ limit: 10 })).sessions) await app.sessions.close(id)
  const refused = await run('create', '--first', '918888800011', '--second', '918888800014')
  t.equal(refused.code, 1)
  t.match(refused.err, /^error: No masking number is free for participants\[0\]\. .*allow_short_rest/)

  const { code, out } = await run(
    ...['create', '--first', '918888800011', '--second', '918888800014', '--allow-short-rest'],
  )
  t.equal(code, 0)
  t.match(out, /^first {5}…11 dials \+91900000000\d, which rested for 2 s$/m)
  t.match(out, /^second {4}…14 dials \+91900000000\d$/m)
})

test('create shows the PINs of the two, and who is connected by theirs alone', async (t) => {
  const { app, run } = await instance(t, { PIN_LENGTH: '6', PUBLIC_BASE_URL: PUBLIC })
  const { out } = await run('create', ...PEOPLE)
  t.match(out, /^first {5}…11 dials \+91900000000\d; PIN \d{6}$/m)
  t.match(out, /^second {4}…12 dials \+91900000000\d; PIN \d{6}$/m)
  const [session] = (await app.sessions.list({ limit: 1 })).sessions
  t.notMatch((await run('show', String(session?.id))).out, 'PIN')

  app.sessions.find = async () =>
    session && {
      ...session,
      participants: [{ ...session.participants[0], pinOnly: true }, session.participants[1]],
    }
  t.match((await run('show', String(session?.id))).out, /^first .*, and is connected by PIN alone$/m)
})

test('list shows a page as a table, and how to get the next one', async (t) => {
  const { run, json } = await instance(t)
  t.equal((await run('list')).out, 'SESSION  STATUS  FIRST  SECOND  EXPIRES  EXTERNAL ID\n')
  const one = await json('create', ...PEOPLE, '--external-id', 'order-7')
  const two = await json('create', '--first', '918888800013', '--second', '918888800014')
  await run('close', one.id)

  const { code, out } = await run('list', '--limit', '1')
  t.equal(code, 0)
  const [header, row, more] = out.split('\n')
  t.match(header, /^SESSION {2,}STATUS {2,}FIRST {2,}SECOND {2,}EXPIRES {2,}EXTERNAL ID$/)
  const [first, second] = two.participants.map(
    ({ masking_number, hint }: Record<string, string>) => `${hint} ${masking_number}`,
  )
  t.same(row?.split(/ {2,}/), [two.id, 'open', first, second, two.expires_at, '-'])
  t.match(more, /^There are more: --cursor \S+$/)

  const cursor = String(more?.split(' ').at(-1))
  const rest = (await run('list', '--limit', '1', '--cursor', cursor)).out.split('\n')
  t.same(rest[1]?.split(/ {2,}/).slice(0, 2), [one.id, 'closed'])
  t.equal(rest[1]?.split(/ {2,}/).at(-1), 'order-7')
  t.same(rest.slice(2), [''], 'no further page')
})

test('list filters by external id and by status', async (t) => {
  const { run, json } = await instance(t)
  const one = await json('create', ...PEOPLE, '--external-id', 'order 7&8')
  const two = await json('create', '--first', '918888800013', '--second', '918888800014')
  const idsOf = async (...args: string[]) =>
    (await json('list', ...args)).sessions.map(({ id }: { id: string }) => id)
  t.same(await idsOf(), [two.id, one.id])
  t.same(await idsOf('--external-id', 'order 7&8'), [one.id])
  t.same(await idsOf('--from', two.created_at), [two.id])
  t.same(await idsOf('--to', two.created_at), [one.id])
  await run('close', two.id)
  t.same(await idsOf('--status', 'closed'), [two.id])
  t.match(await run('list', '--status', 'over'), {
    code: 2,
    err: /Allowed choices are open, closed, expired/,
  })
})

test('show prints a session, close ends it, and both can be repeated', async (t) => {
  const { run, json } = await instance(t)
  const opened = await run('create', ...PEOPLE)
  const { id } = (await json('list')).sessions[0]
  t.match(await run('show', id), { code: 0, out: opened.out })

  const closed = await run('close', id)
  t.equal(closed.code, 0)
  t.match(closed.out, /^status {4}closed$/m)
  t.match(closed.out, /^closed {4}2026-01-01T00:00:04\.000Z$/m)
  t.match(await run('close', id), { code: 0, out: closed.out })
  t.match(await json('show', id), { id, status: 'closed' })
  for (const command of ['show', 'close']) {
    t.match(await run(command, 's_unknown'), { code: 1, err: /^error: There is no such session\. / })
  }
  const elsewhere = await run('show', '../numbers')
  t.match(
    elsewhere,
    { code: 1, err: /^error: There is no such session\. / },
    'an id cannot lead to another path',
  )
})

test('a 202 reply is accepted, and --json prints all its fields', async (t) => {
  const { json } = await instance(t)
  const session = { ...(await json('create', ...PEOPLE)), durable: false }
  const fetch = async () => Response.json(session, { status: 202 })
  const run = (...format: string[]) =>
    cli(['sessions', 'close', session.id, ...format], { API_KEYS: KEY }, { fetch })
  t.match(await run(), { code: 0, out: /^session {3}s_/ })
  const { code, out } = await run('--json')
  t.equal(code, 0)
  t.same(JSON.parse(out), session)
})

test('the commands work over the network, with nothing but API_KEYS and PORT', async (t) => {
  const { app } = await instance(t)
  await app.listen({ port: 0, host: '127.0.0.1' })
  const PORT = String((app.server.address() as AddressInfo).port)
  const { code, out, err } = await cli(['sessions', 'create', ...PEOPLE], { API_KEYS: KEY, PORT })
  t.match({ code, err }, { code: 0, err: '' })
  const id = String(/s_\S+/.exec(out))
  t.match(await cli(['sessions', 'close', id], { API_KEYS: KEY, PORT }), { code: 0, out: 'closed' })
})

test('close --hang-up asks for the end of the calls, and says how many it were', async (t) => {
  const { json } = await instance(t)
  const session = await json('create', ...PEOPLE)
  const bodies: unknown[] = []
  const fetch: typeof globalThis.fetch = async (_, init) => {
    bodies.push(init?.body)
    return Response.json({ ...session, calls_ended: 2 })
  }
  const run = (...options: string[]) =>
    cli(['sessions', 'close', session.id, ...options], { API_KEYS: KEY }, { fetch })
  t.match(await run('--hang-up'), { code: 0, out: /^ended {5}2 calls$/m })
  await run()
  t.same(bodies, ['{"hang_up":true}', undefined])
})
