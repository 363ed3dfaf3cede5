import { test } from 'tap'
import { paint } from '../../../src/cli/io.js'
import { printable } from '../../../src/cli/printable.js'
import { cli } from '../../cli-helper.js'

const KEY = 'a-key-of-more-than-128-bits'
const HOSTILE = 'a\u001b[31mb\u001b]0;title\u0007c\u009b2Jd\u202ee\u0008f\u2028g\rh'
const CLEAN = /^abcdefgh$/

test('printable removes terminal control sequences and nothing else', async (t) => {
  t.match(printable(HOSTILE), CLEAN)
  for (const text of ['नमस्ते 🙂', 'क्‍ष', 'two\nlines\tand a tab', '[31m', 'é']) t.equal(printable(text), text)
  for (let unit = 0; unit < 0x20; unit += 1) {
    const left = printable(`<${String.fromCharCode(unit)}`)
    t.equal(left, unit === 9 || unit === 10 ? `<${String.fromCharCode(unit)}` : '<')
  }
  for (const bidi of ['\u061c', '\u200e', '\u200f', '\u202a', '\u2066', '\u2069'])
    t.equal(printable(bidi), '')
  t.equal(printable('\u001b'), '')
  t.equal(printable('\u001b]8;;https://example.com'.replace('\u001b', '\u009d')).includes('\u009d'), false)
})

const session = {
  id: 's_1',
  status: `open${HOSTILE}`,
  participants: [
    { hint: '…01', masking_number: '+919000000011' },
    { hint: '…02', masking_number: '+919000000012' },
  ],
  expires_at: '2100-01-01T00:00:00.000Z',
  external_id: `${HOSTILE}\nsession   s_forged`,
}
const problem = { title: HOSTILE, detail: HOSTILE, errors: [{ field: HOSTILE, message: HOSTILE }] }

function answering(status: number, body: unknown, type = 'application/json'): typeof fetch {
  return async () => new Response(JSON.stringify(body), { status, headers: { 'content-type': type } })
}

test('no text of the API reaches the terminal with control sequences', async (t) => {
  const steering = /(?!\n)[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}]/u
  const run = (args: string[], api: typeof fetch, isTTY = false) => {
    let out = ''
    const stdout = { isTTY, write: (text: string) => (out += text) }
    return cli(args, { API_KEYS: KEY }, { fetch: api, stdout }).then(({ err, code }) => ({ out, err, code }))
  }
  for (const isTTY of [false, true]) {
    const shown = await run(['sessions', 'show', 's_1'], answering(200, session), isTTY)
    t.notMatch(shown.out.replaceAll(isTTY ? '\u001b[31m' : '', ''), steering)
    t.equal(shown.out.split('\n').filter((line) => line.startsWith('session ')).length, 1, 'nor adds a line')
  }
  const list = await run(['sessions', 'list'], answering(200, { sessions: [session], next_cursor: null }))
  t.notMatch(list.out, steering)
  t.equal(list.out.trim().split('\n').length, 2)
  const json = await run(['sessions', 'show', 's_1', '--json'], answering(200, session))
  t.notMatch(json.out, steering)
  t.same(JSON.parse(json.out), session, 'JSON keeps the value, in escapes')
  const failed = await run(['sessions', 'show', 's_1'], answering(409, problem, 'application/problem+json'))
  t.equal(failed.code, 1)
  t.match(failed.err, 'error: abcdefgh. abcdefgh\n  abcdefgh abcdefgh\n')
  t.notMatch(failed.err, steering)
})

test('our own colours stay on a terminal', async (t) => {
  let out = ''
  const stdout = { isTTY: true, write: (text: string) => (out += text) }
  await cli(['doctor'], {}, { stdout })
  const painted = paint({ stdout, environment: {} } as never, 'red', '✗')
  t.ok(out.startsWith(`${painted} configuration`))
})
