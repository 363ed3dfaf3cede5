import { type Test, test } from 'tap'
import { MAX_AHEAD_SECONDS } from '../../../src/api/simulation-schemas.js'
import { cli, fetchWith, PUBLIC } from '../../cli-helper.js'
import { PAIR } from '../../fixtures.js'
import { type PinService, withPins } from '../../pin-callers.js'

const KEY = 'a-key-of-the-tests-0000'
const [RIDER, DRIVER] = ['+91 98000 00001', '+91 98000 00002']

function commandOf({ app }: PinService) {
  return (...args: string[]) =>
    cli(
      ['simulate', ...args, '--url', PUBLIC],
      { API_KEYS: KEY },
      { fetch: fetchWith(app), input: async () => RIDER },
    )
}

async function simulating(t: Test, call: object, environment = {}) {
  const service = await withPins(t, environment)
  const { id, participants } = await service.open({ call })
  const [{ masking_number: own }, { masking_number: shown }] = participants
  return { service, id, own, shown, run: commandOf(service) }
}

test('simulate says what both would hear', async (t) => {
  const { service, id, own, shown, run } = await simulating(t, {
    greeting: 'Hello.',
    whisper: 'A call.',
    record: { announcement: 'Recorded.' },
    after_end: { number: '+911140000099' },
  })
  const { code, out } = await run('--from', '-', '--to', own)
  t.equal(code, 0)
  t.match(
    out,
    new RegExp(
      [
        '^at        2100-01-01T00:00:00.000Z',
        'outcome   connect',
        'rule      session',
        'why       The call is connected: .*',
        `dialled   \\${own}`,
        `session   ${id}`,
        'hears     Hello. Recorded.',
        'reaches   …02, participant 1',
        `shows     \\${shown}`,
        'whisper   Recorded. A call.',
        'recorded  yes',
        'busy      The person whom you are calling is busy. .*',
        'no answer The person whom you are calling does not answer. .*',
        'failed    Your call could not be connected. .*',
        'document  <.xml .*<Number>…02</Number></Dial></Response>\n$',
      ].join('\n'),
    ),
  )
  const over = await run('--session', id, '--caller', '1', '--ahead', '20d')
  t.match(over.out, /^rule {6}unknown_caller$/m)
  t.match(over.out, /^pin {7}the caller is asked for it$/m)
  await service.api('POST', `/v1/sessions/${id}/close`)
  const ended = await run('--session', id, '--caller', '1', '--json')
  t.match(JSON.parse(ended.out), { rule: 'session_ended', called: { participant: null, hint: '…99' } })
  t.match((await run('--session', id, '--caller', '1')).out, /^reaches {3}…99, a number of yours$/m)
  for (const { out } of [over, ended])
    for (const number of [RIDER, DRIVER]) t.notMatch(out, number.replaceAll(' ', '').slice(3))
})

test('simulate shows what follows the right PIN', async (t) => {
  const { id, run } = await simulating(t, { force_pin: true })
  t.match(
    (await run('--session', id, '--caller', '0')).out,
    /^hears {5}Please enter your PIN\. No PIN was entered\. Goodbye\.\ndocument .*\n\nAfter the right PIN:\nreaches {3}…02, participant 1\n/m,
  )
})

test('simulate takes one of two ways to say who calls, and a time that is one', async (t) => {
  const { id, run } = await simulating(t, {})
  t.match(await run('--from', PAIR.FE), { code: 1, err: /^error: .*either who calls whom/ })
  t.match(await run('--session', id, '--caller', RIDER), { code: 2, err: /It must be a whole number/ })
  for (const ahead of ['x', '367d', RIDER]) {
    const { code, err } = await run('--session', id, '--caller', '0', '--ahead', ahead)
    t.match(
      [code, err],
      [2, 'error: --ahead is not valid: such as 2h, 30m or 1d, at most 366d\n'],
      'the value is not repeated',
    )
  }
  t.equal((await run('--session', id, '--caller', '0', '--ahead', `${MAX_AHEAD_SECONDS}s`)).code, 0)
})
