import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { test } from 'tap'
import { runCli } from '../../../src/cli/program.js'
import { startQuietly } from '../../../src/serve.js'
import { cli } from '../../cli-helper.js'
import { LOADERS } from '../../loaders.js'

/** In this order. Which numbers of the pool the session gets is left to chance. */
const PLAYED = [
  'The agent calls the customer',
  'reaches   918888800002 (customer), whose phone shows 919000000002',
  'The customer calls the agent',
  'reaches   918888800001 (agent), whose phone shows 919000000001',
  'A stranger tries the same number',
  'reaches   nobody, and hears: Please enter your PIN. No PIN was entered. Goodbye.',
  'The business opens a session for a ride',
  'the rider dials 9190000000',
  'The rider calls the driver',
  'hears     We are calling your driver. This call is recorded.',
  'reaches   918888800012 (driver), whose phone shows 9190000000',
  'They talk, and the driver hangs up',
  'whoever is called hears: This call is recorded.',
  'outcome   talked',
  'recording ready',
  'The driver calls the rider',
  'reaches   918888800011 (rider), whose phone shows 9190000000',
  'The rider does not answer',
  'the caller hears: The person whom you are calling does not answer.',
  'outcome   no_answer',
  'The rider calls from a borrowed phone',
  'the PIN that is asked for',
  'reaches   918888800012 (driver), whose phone shows 9190000000',
  'The ride is over',
  'session   closed',
  'The rider calls once more',
  'reaches   nobody, and hears: Sorry, this number is not authorised for your account.',
]

test('demo --once plays calls and a session, and ends', async (t) => {
  const { code, out, err } = await cli(['demo', '--once'], { PORT: '0' })
  t.equal(code, 0)
  t.equal(err, '')
  let from = 0
  for (const line of PLAYED) {
    const at = out.indexOf(line, from)
    t.ok(at >= from, line)
    from = at
  }
  t.notMatch(out, 'Ctrl+C')
  t.notMatch(out, 'console')
})

test('demo fills the console, and says where it is and how to sign in', async (t) => {
  let out = ''
  const seen: { status: number; calls: Called[]; sessions: Opened[] }[] = []
  const forms: URLSearchParams[] = []
  const world = {
    stdout: { write: (text: string) => (out += text) },
    fetch: (async (url, init) => {
      if (init?.body instanceof URLSearchParams) forms.push(init.body)
      return fetch(url, init)
    }) as typeof fetch,
    async untilInterrupted() {
      const [, base = ''] = /: (http:\/\/\S+)\/console\n/.exec(out) ?? []
      const [, key = ''] = /Sign in with the key (\S+)\n/.exec(out) ?? []
      const headers = { authorization: `Bearer ${key}` }
      const ask = async <Body>(path: string): Promise<Body> =>
        (await fetch(base + path, { headers })).json() as Promise<Body>
      const signedIn = await fetch(`${base}/console/sign-in`, {
        method: 'POST',
        headers: { 'sec-fetch-site': 'same-origin' },
        body: new URLSearchParams({ key }),
        redirect: 'manual',
      })
      const { calls } = await ask<{ calls: Called[] }>('/v1/calls?limit=100')
      const { sessions } = await ask<{ sessions: Opened[] }>('/v1/sessions?limit=100')
      seen.push({ status: signedIn.status, calls, sessions })
    },
  }
  t.equal((await cli(['demo'], { PORT: '0' }, world)).code, 0)
  const [{ status, calls, sessions }] = seen as [(typeof seen)[number]]
  t.equal(status, 303, 'the key signs in')
  const outcomes = new Set(calls.map(({ outcome }) => outcome))
  for (const outcome of ['talked', 'no_answer', 'busy', 'failed', 'cancelled', 'refused', null])
    t.ok(outcomes.has(outcome), `a call is ${outcome ?? 'live'}`)
  const ofRides = calls.filter(({ session_id, state }) => session_id && state === 'in_progress')
  t.ok(ofRides.length >= 2, 'calls go on')
  const told = (event: string) =>
    forms.filter((form) => form.get('Event') === event).map((form) => form.get('CallUUID'))
  const ended = told('Hangup')
  t.equal(told('DialConnected').filter((id) => !ended.includes(id)).length, 1, 'in one the two talk')
  t.equal(sessions.filter(({ status }) => status === 'open').length, 4)
  t.equal(sessions.filter(({ status }) => status === 'closed').length, 2)
  const soon = sessions.filter(
    ({ created_at, expires_at }) => Date.parse(expires_at) - Date.parse(created_at) <= 60_000,
  )
  t.equal(soon.length, 1, 'one ends while somebody looks')
})

interface Called {
  readonly outcome: string | null
  readonly state: string
  readonly session_id: string | null
}

interface Opened {
  readonly status: string
  readonly created_at: string
  readonly expires_at: string
}

test('demo stays up until it is interrupted, on another port when its own is taken', async (t) => {
  const taken = createServer().listen(0, '127.0.0.1')
  t.teardown(() => taken.close())
  await once(taken, 'listening')
  const { port } = taken.address() as AddressInfo

  let out = ''
  let status = 0
  let base = ''
  const world = {
    stdout: { write: (text: string) => (out += text) },
    async untilInterrupted() {
      base = /stands at (http:\/\/127\.0\.0\.1:\d+)\/docs/.exec(out)?.[1] ?? ''
      status = (await fetch(`${base}/health`)).status
    },
  }
  const { code } = await cli(['demo'], { PORT: String(port) }, world)
  t.equal(code, 0)
  t.equal(status, 200, 'the service was up')
  t.match(out, `Port ${port} is taken, so the demo runs on port ${new URL(base).port}.\n`)
  t.match(out, `The service stays up on port ${new URL(base).port}; end it with Ctrl+C.`)
  await t.rejects(fetch(`${base}/health`), 'and is gone afterwards')
})

test('demo uses port 8001 by default, and ignores the settings of a service', async (t) => {
  const started: unknown[] = []
  const io = { environment: { HOST: '0.0.0.0', M1: '1', STORE_URL: 'redis://a' }, stderr: { write() {} } }
  await runCli(['demo'], io as never, {
    serve: async () => 0,
    async start(environment) {
      started.push(environment)
      throw Object.assign(new Error('listen'), { code: 'EACCES' })
    },
  })
  t.match(started, [{ HOST: '127.0.0.1', PORT: '8001', M1: '919000000001', STORE_URL: undefined }])
})

test('a demo that fails is one line that says why', async (t) => {
  t.match(await cli(['demo'], { PORT: 'abc' }), { code: 2, err: /^error: PORT is not valid: .*\n$/ })
  t.match(await cli(['demo'], { PORT: '99999' }), { code: 2, err: /PORT must be <= 65535/ })

  const closed: string[] = []
  const failing = async (fetch: typeof globalThis.fetch) => {
    let err = ''
    const io = {
      environment: { PORT: '0' },
      fetch,
      now: () => 0,
      stdout: { write() {} },
      stderr: { write: (text: string) => (err += text) },
    }
    const code = await runCli(['demo'], io as never, {
      serve: async () => 0,
      start: async () => ({ close: async () => void closed.push('closed') }),
    })
    return { code, err }
  }
  t.match(await failing(async () => new Response('<html>', { status: 502 })), {
    code: 2,
    err: 'error: the service answered a call of the demo with status 502\n',
  })
  const document = new Response('<Response/>', { headers: { 'content-type': 'application/xml' } })
  t.match(
    await failing(async (url) =>
      String(url).endsWith('/answer') ? document.clone() : new Response('', { status: 503 }),
    ),
    { code: 2, err: 'error: the service answered a request of the demo with status 503\n' },
  )
  t.same(closed, ['closed', 'closed'], 'and the service is closed')
})

test('startQuietly rejects with the error of listening', async (t) => {
  const environment = { MASKING_NUMBERS: '919000000011', HOST: '192.0.2.1', PORT: '0' }
  await t.rejects(startQuietly(environment), { code: 'EADDRNOTAVAIL' })
})

test('a reader that closes the pipe ends a command quietly', async (t) => {
  const bin = new URL('../../../src/cli/bin.js', import.meta.url).pathname
  const child = spawn(process.execPath, [...LOADERS, bin, 'demo', '--once'], {
    env: { ...process.env, PORT: '0' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let err = ''
  child.stderr.on('data', (chunk) => (err += chunk))
  child.stdout.once('data', () => child.stdout.destroy())
  const [code] = await once(child, 'close')
  t.equal(code, 0)
  t.equal(err, '')
})
