import { spawn } from 'node:child_process'
import { createHmac } from 'node:crypto'
import { EventEmitter, once } from 'node:events'
import { PassThrough } from 'node:stream'
import { test } from 'tap'
import { type Io, paint, waitFor } from '../../../src/cli/io.js'
import { processIo } from '../../../src/cli/process-io.js'
import { cli, environmentOf, fetchWith, PUBLIC } from '../../cli-helper.js'
import { CUSTOMER_REACHES_FE, DECLARATION, FE_REACHES_CUSTOMER, PAIR, REFUSAL } from '../../fixtures.js'
import { build } from '../../helper.js'
import { LOADERS } from '../../loaders.js'
import { rentedNumber, startStandIn } from '../../vobiz-stand-in.js'

const SIGNED = { ...PAIR, VOBIZ_AUTH_TOKEN: 'token', PUBLIC_BASE_URL: PUBLIC, WEBHOOK_AUTH: 'required' }

test('bad input is one line that says what to do, and exit code 2', async (t) => {
  const cases: [string[], Record<string, string>, RegExp][] = [
    [['unknown'], SIGNED, /^error: unknown command 'unknown'/],
    [['setup', '--unknown'], SIGNED, /^error: unknown option '--unknown'/],
    [['setup', '--fallback-url', 'other.example.com'], SIGNED, /^error: --fallback-url is not a URL/],
    [['call'], SIGNED, /^error: required option '--to <number>' not specified/],
    [['call', '--to', PAIR.M1], SIGNED, /^error: --from is needed, or --anonymous\n$/],
    [['call', '--to', '12', '--from', PAIR.FE], SIGNED, /^error: --to is not a phone number: .*\n$/],
    [['call', '--to', PAIR.M1, '--from', 'me'], SIGNED, /^error: --from is not a phone number: .*\n$/],
    [
      ['call', '--to', PAIR.M1, '--from', PAIR.FE, '--url', 'http://127.0.0.1:1'],
      SIGNED,
      /^error: nothing answers there/,
    ],
    [['setup'], SIGNED, /^error: VOBIZ_AUTH_ID and VOBIZ_AUTH_TOKEN are needed/],
    [['setup'], { ...PAIR, VOBIZ_AUTH_ID: 'MA_1', FE: 'x' }, /^error: The configuration is not right/],
    [
      ['setup'],
      { ...SIGNED, VOBIZ_AUTH_ID: 'MA_1', PUBLIC_BASE_URL: 'http://127.0.0.1:8001' },
      /^error: PUBLIC_BASE_URL is not https, so Vobiz cannot reach it: set it to /,
    ],
    [['setup'], {}, /^error: The configuration is not right .*\n {2}MASKING_NUMBERS is missing, .*\n$/],
    [['sessions'], SIGNED, /^Usage: callmask sessions /],
    [['sessions', 'open'], SIGNED, /^error: unknown command 'open'/],
    [['sessions', 'show'], SIGNED, /^error: missing required argument 'id'/],
    [['sessions', 'create', '--first', '1'], SIGNED, /^error: required option '--second <number>'/],
    [['sessions', 'create', '--expires-in', '1h'], SIGNED, /^error: .* It must be a whole number\.\n$/],
    [['sessions', 'list', '--limit', '-1'], SIGNED, /^error: .* It must be a whole number\.\n$/],
  ]
  for (const [args, environment, message] of cases) {
    const { code, err } = await cli(args, environment)
    t.equal(code, 2, args.join(' '))
    t.match(err, message)
  }
})

test('a bug in callmask is reported without the message of the error', async (t) => {
  const fetch = () => {
    throw new RangeError('918888800001')
  }
  const { code, err } = await cli(
    ['numbers'],
    { VOBIZ_AUTH_ID: 'MA_1', VOBIZ_AUTH_TOKEN: 'token' },
    { fetch },
  )
  t.equal(code, 1)
  t.match(err, /^error: this is a bug in callmask, please report it: RangeError\n {4}at /)
  t.notMatch(err, '918888800001')
})

test('--help and --version exit with 0, and serve runs the service', async (t) => {
  t.match(await cli(['--version'], {}), { code: 0, out: /^\d+\.\d+\.\d+\S*\n$/ })
  const help = await cli(['--help'], {})
  t.equal(help.code, 0)
  for (const command of [
    'serve',
    'demo',
    'init',
    'setup',
    'teardown',
    'doctor',
    'call',
    'numbers',
    'explain',
    'sessions',
  ])
    t.match(help.out, command)
  t.match(await cli(['serve'], {}), { code: 1, out: 'served\n' }, 'with the exit code of the service')
})

test('call plays the carrier', async (t) => {
  const { app } = await build(t, SIGNED)
  const io = { fetch: fetchWith(app), now: () => 0 }
  const run = (...args: string[]) => cli(['call', '--url', PUBLIC, ...args], SIGNED, io)

  const connected = await run('--from', '+91 88888 00001', '--to', PAIR.M1)
  t.equal(connected.code, 0)
  t.equal(
    connected.out,
    `dialled   918888800001 dials 919000000001
reaches   918888800002
shows     919000000002
status    200 after 0 ms
document  ${FE_REACHES_CUSTOMER}
`,
  )
  const anonymous = await run('--anonymous', '--to', PAIR.M1)
  t.match(
    anonymous.out,
    'dialled   anonymous dials 919000000001\nreaches   nobody\nshows     nothing\nhears     Sorry',
  )

  const hangup = await run('--from', PAIR.FE, '--to', PAIR.M1, '--hangup')
  t.match(hangup, { code: 0, out: /<Response\/>\n$/ })

  const unsigned = await run('--from', PAIR.FE, '--to', PAIR.M1, '--unsigned')
  t.match(unsigned, { code: 1, out: /status {4}403.*\nhint {6}the service wants a signature: / })
  const asJson = await run('--from', PAIR.FE, '--to', PAIR.M1, '--unsigned', '--json')
  t.match(JSON.parse(asJson.out), { status: 403, hint: /^the service wants a signature/ })

  const mismatch = (settings: Record<string, string>) =>
    cli(['call', '--url', PUBLIC, '--from', PAIR.FE, '--to', PAIR.M1], { ...SIGNED, ...settings }, io)
  t.match(await mismatch({ VOBIZ_AUTH_TOKEN: 'other' }), {
    code: 1,
    out: /status {4}403.*\nhint {6}the service has other VOBIZ_AUTH_TOKEN, /,
  })
  t.match(await mismatch({ WEBHOOK_PATH_SECRET: 'a-secret-of-more-than-128-bits' }), {
    code: 1,
    out: /status {4}404(.*\n)*hint {6}the service has another WEBHOOK_PATH_SECRET /,
  })

  const local = await cli(['call', '--from', PAIR.FE, '--to', PAIR.M1], SIGNED, {
    fetch: (url, init) => io.fetch(String(url).replace('http://127.0.0.1:8001', PUBLIC), init),
  })
  t.equal(local.code, 0, 'by default it asks the local instance')

  const slash = await cli(['call', '--url', `${PUBLIC}/`, '--from', PAIR.FE, '--to', PAIR.M1], SIGNED, io)
  t.equal(slash.code, 0, 'a slash at the end of the address does not matter')

  const json = await run('--from', PAIR.CUSTOMER, '--to', PAIR.M2, '--json')
  t.match(JSON.parse(json.out), {
    status: 200,
    callerId: PAIR.M1,
    destination: PAIR.FE,
    document: CUSTOMER_REACHES_FE,
  })
})

test('after setup the Answer URL takes signed calls and hangups, until teardown', async (t) => {
  const account = await startStandIn([rentedNumber('+919000000001'), rentedNumber('+919000000002')])
  t.teardown(() => account.close())
  const environment = {
    ...environmentOf(account),
    WEBHOOK_AUTH: 'required',
    WEBHOOK_PATH_SECRET: 'a-secret-of-more-than-128-bits',
  }
  t.equal((await cli(['setup'], environment)).code, 0)
  const { app, logged } = await build(t, environment)

  const [application] = [...account.applications.values()]
  const toApp = fetchWith(app)
  let nonce = 10n ** 19n
  /** The carrier delivers to the URL of its application, signed with the account's token, by the documented formula. */
  const deliver = async (url: string, fields: Record<string, string>) => {
    nonce += 1n
    const mac = createHmac('sha256', account.authToken).update(`${url}.${nonce}`).digest('base64')
    const reply = await toApp(url, {
      method: 'POST',
      headers: { 'x-vobiz-signature-v3': mac, 'x-vobiz-signature-v3-nonce': String(nonce) },
      body: new URLSearchParams(fields),
    })
    return reply.text()
  }
  const { answer_url = '', hangup_url = '' } = application ?? {}
  t.equal(
    await deliver(answer_url, { Event: 'StartApp', From: PAIR.FE, To: '09000000001' }),
    FE_REACHES_CUSTOMER,
  )
  t.equal(
    await deliver(answer_url, { Event: 'StartApp', From: PAIR.CUSTOMER, To: '09000000002' }),
    CUSTOMER_REACHES_FE,
  )
  t.equal(await deliver(answer_url, { Event: 'StartApp', From: '917777700003', To: '09000000001' }), REFUSAL)
  t.equal(
    await deliver(hangup_url, { Event: 'Hangup', From: PAIR.FE, To: '09000000001' }),
    `${DECLARATION}<Response/>`,
  )

  t.equal((await cli(['doctor'], environment, { fetch: toApp })).code, 0)
  t.equal((await cli(['teardown', '--yes'], environment)).code, 0)
  t.equal(account.applications.size, 0)
  t.same(account.violations, [])
  for (const secret of ['8888800001', '8888800002', account.authToken]) t.notMatch(logged(), secret)
})

test('paint colours only on a terminal whose user wants it', async (t) => {
  const io = (isTTY: boolean, environment = {}) =>
    ({ stdout: { isTTY, write() {} }, environment }) as unknown as Io
  t.equal(paint(io(true), 'red', 'x'), '\u001b[31mx\u001b[0m')
  t.equal(paint(io(false), 'red', 'x'), 'x')
  t.equal(paint(io(true, { NO_COLOR: '1' }), 'red', 'x'), 'x')
})

test('waitFor shows on a terminal, after a second, that work goes on', async (t) => {
  const events: string[] = []
  let second = () => {}
  const io = (isTTY: boolean) =>
    ({
      stderr: { isTTY },
      later: (ms: number, run: () => void) => {
        events.push(`in ${ms}`)
        second = run
        return () => events.push('cancelled')
      },
      spin: (text: string) => {
        events.push(text)
        return () => events.push('stopped')
      },
    }) as unknown as Io

  const slow = waitFor(io(true), 'working', new Promise((resolve) => setImmediate(resolve, 'result')))
  second()
  t.equal(await slow, 'result')
  t.same(events.splice(0), ['in 1000', 'working', 'cancelled', 'stopped'])
  await t.rejects(waitFor(io(true), 'working', Promise.reject(new Error('x'))))
  t.same(events.splice(0), ['in 1000', 'cancelled'], 'nothing for quick work')
  await waitFor(io(false), 'working', Promise.resolve())
  t.same(events, [], 'nothing without a terminal')
})

test('processIo asks for a confirmation, and shows a spinner', async (t) => {
  for (const [answer, expected] of [
    ['y', true],
    ['YES', true],
    ['n', false],
    ['', false],
  ] as const) {
    const [stdin, stderr] = [new PassThrough(), new PassThrough()]
    const signals = new EventEmitter()
    const io = processIo(
      Object.assign(signals, {
        stdin,
        stdout: process.stdout,
        stderr: stderr as unknown as NodeJS.WriteStream,
      }),
    )
    const asked = io.confirm('Sure?')
    stdin.write(`${answer}\n`)
    t.equal(await asked, expected, JSON.stringify(answer))
    t.match(String(stderr.read()), 'Sure? [y/N] ')
    t.equal(io.isInteractive, false, 'nobody answers at a pipe')
    const stop = io.spin('working')
    stop()
    t.match(String(stderr.read()), 'working')
    await t.rejects(io.fetch('not a url'))
    await new Promise<void>((resolve) => io.later(0, resolve))
    io.later(0, () => t.fail('cancelled'))()
    for (const signal of ['SIGINT', 'SIGTERM']) {
      const interrupted = io.untilInterrupted()
      signals.emit(signal)
      await interrupted
    }
  }
})

/** A world on streams that a test types into and reads. */
function typing() {
  const [stdin, stderr] = [new PassThrough(), new PassThrough()]
  const world = { stdin, stdout: process.stdout, stderr: stderr as unknown as NodeJS.WriteStream, once() {} }
  return { stdin, shown: () => String(stderr.read()), io: processIo(world) }
}

test('processIo asks for a line, and shows nothing of a secret', async (t) => {
  const plain = typing()
  const answer = plain.io.ask('Who? ')
  plain.stdin.write('  me \n')
  t.equal(await answer, 'me')
  t.equal(plain.shown(), 'Who? ')

  const hidden = typing()
  const secret = hidden.io.askSecret('Token? ')
  hidden.stdin.write('to')
  hidden.stdin.write('kex\x7fn\r')
  t.equal(await secret, 'token')
  t.equal(hidden.shown(), 'Token? \n')
})

test('processIo reads the standard input to its end, and knows what comes from the file', async (t) => {
  const { io, stdin } = typing()
  const read = io.input()
  stdin.end('a\nb\n')
  t.equal(await read, 'a\nb\n')
  t.type(io.fileEnvironment, 'object')
})

test('processIo does not wait for an answer that cannot come', async (t) => {
  for (const type of ['ask', 'askSecret', 'confirm'] as const) {
    const { io, stdin } = typing()
    const asked = io[type]('Who?') as Promise<unknown> as Promise<string>
    stdin.end()
    await t.rejects(asked, { name: 'UsageError', message: 'no answer was given' })
  }
  const { io, stdin } = typing()
  const asked = io.askSecret('Token? ')
  stdin.write('\x03')
  await t.rejects(asked, { message: 'no answer was given' }, 'Ctrl+C')
})

/** What the real command does in a directory, in this environment. */
async function run(cwd: string, args: string[], environment: Record<string, string>) {
  const bin = new URL('../../../src/cli/bin.js', import.meta.url).pathname
  const child = spawn(process.execPath, [...LOADERS, bin, ...args], {
    cwd,
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let err = ''
  child.stderr.on('data', (chunk) => (err += chunk))
  const [code] = await once(child, 'close')
  return { code, err }
}

test('the real command runs, and reports errors', async (t) => {
  t.match(await run(t.testdir(), ['numbers'], { VOBIZ_AUTH_ID: '', VOBIZ_AUTH_TOKEN: '' }), {
    code: 2,
    err: 'error: VOBIZ_AUTH_ID and VOBIZ_AUTH_TOKEN are needed',
  })
})

test('the real command starts the service of the demo', async (t) => {
  t.same(await run(t.testdir(), ['demo', '--once'], { PORT: '0' }), { code: 0, err: '' })
})

test('serve that cannot start says why, a line for each reason, and exits with 1', async (t) => {
  const { code, err } = await run(t.testdir(), ['serve'], { ...PAIR, PORT: 'abc', LOG_LEVEL: 'loud' })
  t.equal(code, 1)
  t.match(err, /^callmask cannot start\. The configuration is not right .*\n {2}PORT .*\n {2}LOG_LEVEL .*\n$/)
})

test('a settings file that cannot be read is one line', async (t) => {
  const dir = t.testdir({ '.env': {} })
  const words = 'The file .env cannot be read (EISDIR): let this user read it, or move it away.\n'
  t.same(await run(dir, ['numbers'], {}), { code: 2, err: `error: ${words}` })
  t.same(await run(dir, ['serve'], {}), { code: 1, err: `callmask cannot start. ${words}` })
  t.match(await run(dir, ['--help'], {}), { code: 0 }, 'a command that needs no settings ignores it')
})

test('a command reads a secret from its file, and says what is wrong with it', async (t) => {
  const dir = t.testdir({ token: 'a-token\n' })
  const environment = { VOBIZ_AUTH_ID: 'MA_1', VOBIZ_AUTH_TOKEN: '', VOBIZ_API_BASE: 'nonsense' }
  const withFile = (name: string) => run(dir, ['numbers'], { ...environment, VOBIZ_AUTH_TOKEN_FILE: name })
  t.match(
    await withFile('token'),
    { code: 2, err: 'error: VOBIZ_API_BASE is not valid' },
    'the token is there',
  )
  t.match(await withFile('none'), {
    code: 2,
    err: /^error: The configuration is not right .*\n {2}VOBIZ_AUTH_TOKEN_FILE names a file that cannot be read \(ENOENT\)/,
  })
})

test('processIo empties a terminal, and nothing else', async (t) => {
  for (const isTTY of [true, false]) {
    const stdout = Object.assign(new PassThrough(), { isTTY })
    const { stdin } = process
    const io = processIo({
      stdin,
      stdout: stdout as unknown as NodeJS.WriteStream,
      stderr: process.stderr,
      once() {},
    })
    io.clear()
    t.equal(stdout.read()?.toString() ?? '', isTTY ? '\u001b[H\u001b[J' : '')
  }
})
