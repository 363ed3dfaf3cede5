import { test } from 'tap'
import { cli, fetchWith, PUBLIC } from '../../cli-helper.js'
import { PAIR } from '../../fixtures.js'
import { build } from '../../helper.js'
import { phoneCall, RIDER, settled, withPins } from '../../pin-callers.js'

const KEY = 'a-key-of-more-than-128-bits'

test('explain says what would happen to a call, and why', async (t) => {
  const { app } = await build(t, { API_KEYS: KEY, MASKING_NUMBERS: '+919000000003' })
  const world = { fetch: fetchWith(app) }
  const run = (from: string, to: string, ...format: string[]) =>
    cli(['explain', '--from', from, '--to', to, '--url', PUBLIC, ...format], { API_KEYS: KEY }, world)
  await cli(
    ['sessions', 'create', '--first', '918888800011', '--second', '918888800012', '--url', PUBLIC],
    { API_KEYS: KEY },
    world,
  )
  const [session] = (await app.sessions.list({ limit: 1 })).sessions

  const pair = await run(PAIR.FE, PAIR.M1)
  t.equal(pair.code, 0)
  t.match(pair.out, /^outcome {3}connect\nrule {6}static_pair\nwhy {7}The call is connected: .*\n/)
  t.match(pair.out, /^dialled {3}\+919000000001$/m)
  t.notMatch(pair.out, /^session|^instead/m)

  const ofSession = await run('+91 88888 00011', '09000000003')
  t.equal(ofSession.code, 0)
  t.match(ofSession.out, `dialled   +919000000003\nsession   ${session?.id}\n`)

  const named = ['--session', String(session?.id)]
  const elsewhere = await run('918888800011', PAIR.M1, ...named)
  t.match(
    elsewhere,
    { code: 0, out: /^outcome {3}refuse\nrule {6}unknown_caller\n/ },
    'a refusal is an answer',
  )
  t.notMatch((await run('918888800011', PAIR.M1)).out, /^instead/m, 'without the session')
  t.match(elsewhere.out, /^instead {3}\+919000000003$/m)

  t.match(await run('918888800011', '918888800012'), {
    code: 0,
    out: /^outcome {3}refuse\nrule {6}not_a_masking_number\nwhy .*\n$/,
  })
  t.match(JSON.parse((await run('918888800011', PAIR.M1, ...named, '--json')).out), {
    outcome: 'refuse',
    rule: 'unknown_caller',
    dial_instead: ['+919000000003'],
  })
})

test('explain needs both numbers', async (t) => {
  t.match(await cli(['explain', '--from', PAIR.FE], {}), { code: 2, err: /'--to <number>' not specified/ })
  t.match(await cli(['explain', '--to', PAIR.M1], {}), { code: 2, err: /'--from <number>' not specified/ })
})

test('explain shows the end of the session, and the last call of this caller in it', async (t) => {
  const service = await withPins(t, { PIN_LENGTH: undefined })
  const { id, participants } = await service.open()
  const to = participants[0].masking_number
  const call = phoneCall(service, RIDER, to)
  await call.dial()
  await settled()
  await service.api('POST', `/v1/sessions/${id}/close`)
  const world = { fetch: fetchWith(service.app), input: async () => RIDER }
  const { out } = await cli(
    ['explain', '--from', '-', '--to', to, '--url', PUBLIC],
    { API_KEYS: 'a-key-of-the-tests-0000' },
    world,
  )
  t.match(
    out,
    `ended     2100-01-01T00:00:00.000Z\n\nThe last call of this caller in that session:\ncall      ${call.id}\n`,
  )
})
