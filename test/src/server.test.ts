import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import t, { type Test } from 'tap'
import { FE_REACHES_CUSTOMER, PAIR } from '../fixtures.js'
import { LOADERS } from '../loaders.js'

const SERVER = new URL('../../src/server.js', import.meta.url).pathname

interface Started {
  readonly child: ChildProcess
  readonly output: () => string
  /** Where it listens; rejects when it ended instead. */
  readonly url: Promise<string>
  readonly ended: Promise<number | null>
}

/** The real process, in the environment that it is given. */
function start(t: Test, environment: Record<string, string>, nodeOptions: string[] = []): Started {
  const child = spawn(process.execPath, [...LOADERS, ...nodeOptions, SERVER], {
    env: { ...process.env, NODE_ENV: '', HOST: '', PORT: '0', DRAIN_DELAY: '0', ...environment },
    cwd: t.testdir(),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  t.teardown(() => child.kill('SIGKILL'))

  let output = ''
  const ended = once(child, 'close').then(([code]) => code as number | null)
  const url = new Promise<string>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on('line', (line) => {
        output += `${line}\n`
        const [found] = /http:\/\/127\.0\.0\.1:\d+/.exec(line) ?? []
        if (found) resolve(found)
      })
    }
    ended.then(() => reject(new Error(output)))
  })
  url.catch(() => undefined)
  return { child, url, ended, output: () => output }
}

/** What comes back for raw bytes. */
async function exchange(port: number, bytes: string): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  socket.end(bytes)
  let reply = ''
  for await (const chunk of socket) reply += chunk
  return reply
}

const call = (url: string) =>
  fetch(`${url}/answer`, {
    method: 'POST',
    body: new URLSearchParams({ From: PAIR.FE, To: '09000000001' }),
  })

t.jobs = 4

t.test('a life: answers, and ends with 0 when it is told to', { buffered: true }, async (t) => {
  const { child, url, ended, output } = start(t, PAIR)
  const base = await url
  const port = Number(new URL(base).port)
  t.equal(await (await call(base)).text(), FE_REACHES_CUSTOMER)
  t.equal((await fetch(`${base}/health/ready`)).status, 200)
  t.match(
    await exchange(port, 'NONSENSE\r\n\r\n'),
    /^HTTP\/1\.1 400 Bad Request\r\n.*application\/xml.*<Response>/s,
  )

  child.kill('SIGTERM')
  t.equal(await ended, 0)
  t.match(output(), '"draining"')
  t.match(output(), '"msg":"closed"', 'the log is complete')
  t.notMatch(output(), '"level":"trace"', 'at the default level')
})

t.test('it ends also when the reader of its log has gone', { buffered: true }, async (t) => {
  const { child, url, ended } = start(t, PAIR)
  await url
  child.stdout?.destroy()
  child.kill('SIGTERM')
  t.equal(await ended, 0)
})

t.test('a crash is logged without its message and ends with 1', { buffered: true }, async (t) => {
  const crash = 'data:text/javascript,process.on("SIGUSR2",()=>{throw new Error("9188888"+"00001")})'
  const { child, url, ended, output } = start(t, PAIR, ['--import', crash])
  await url
  child.kill('SIGUSR2')
  t.equal(await ended, 1)
  t.match(output(), '"level":"fatal"')
  t.notMatch(output(), '918888800001')
})

t.test(
  'with a wrong configuration it does not start, and says what is wrong',
  { buffered: true },
  async (t) => {
    const { ended, output } = start(t, { ...PAIR, FE: '8888800001x', M2: '' })
    t.equal(await ended, 1)
    t.match(output(), 'callmask cannot start. The configuration is not right')
    t.match(output(), '  FE is not valid')
    t.match(output(), '  M2 is missing')
    t.notMatch(output(), '8888800001')
  },
)

t.test('on a port that is taken it does not start, and SIGINT frees it', { buffered: true }, async (t) => {
  const first = start(t, PAIR)
  const { port } = new URL(await first.url)
  const second = start(t, { ...PAIR, PORT: port })
  t.equal(await second.ended, 1)
  t.match(second.output(), /callmask cannot start\. .*address already in use/)

  first.child.kill('SIGINT')
  t.equal(await first.ended, 0)
  t.match(first.output(), '"signal":"SIGINT"')
})

t.test('both listeners close; where one port is taken, nothing starts', { buffered: true }, async (t) => {
  const two = { ...PAIR, ADMIN_PORT: '0', API_KEYS: 'a-key-of-the-tests-0000' }
  const first = start(t, two)
  const { port } = new URL(await first.url)
  const [, admin = ''] = /"port":(\d+),.*a listener of its own/.exec(first.output()) ?? []
  t.equal((await fetch(`http://127.0.0.1:${admin}/v1/status`)).status, 401)
  t.equal((await fetch(`http://127.0.0.1:${port}/v1/status`)).status, 404)

  for (const taken of [{ PORT: port }, { ADMIN_PORT: admin }]) {
    const second = start(t, { ...two, ...taken })
    t.equal(await second.ended, 1)
    const [variable] = Object.keys(taken)
    t.match(
      second.output(),
      new RegExp(`callmask cannot start\\. Port \\d+ .* or set ${variable} to another`),
    )
  }
  first.child.kill('SIGTERM')
  t.equal(await first.ended, 0)
})

t.test(
  'SIGHUP reads the secrets again, without a call lost, and never ends it',
  { buffered: true },
  async (t) => {
    const dir = mkdtempSync(join(tmpdir(), 'callmask-secrets-'))
    t.teardown(() => rmSync(dir, { recursive: true }))
    const file = join(dir, 'keys')
    writeFileSync(file, 'an-old-key-of-the-tests')
    const { child, url, ended, output } = start(t, { ...PAIR, API_KEYS_FILE: file })
    const base = await url
    const statusWith = async (key: string) =>
      (await fetch(`${base}/v1/status`, { headers: { authorization: `Bearer ${key}` } })).status
    t.equal(await statusWith('an-old-key-of-the-tests'), 200)
    writeFileSync(file, 'a-new-key-of-the-tests-\n')
    let isRead = false
    while (!isRead) {
      child.kill('SIGHUP')
      isRead = (await statusWith('a-new-key-of-the-tests-')) === 200
      t.equal(await (await call(base)).text(), FE_REACHES_CUSTOMER)
    }
    t.equal(await statusWith('an-old-key-of-the-tests'), 401)
    child.kill('SIGTERM')
    t.equal(await ended, 0)
    t.notMatch(output(), '"signal":"SIGHUP"')
  },
)

t.test('SIGHUP does not end it where there is nothing to read', { buffered: true }, async (t) => {
  const { child, url, ended } = start(t, PAIR)
  const base = await url
  for (let i = 0; i < 3; i++) child.kill('SIGHUP')
  for (let i = 0; i < 3; i++) t.equal(await (await call(base)).text(), FE_REACHES_CUSTOMER)
  child.kill('SIGTERM')
  t.equal(await ended, 0)
})
