import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, constants, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { type Test, test } from 'tap'
import { FE_REACHES_CUSTOMER, PAIR } from '../fixtures.js'
import { LOADERS } from '../loaders.js'
import { freePorts } from '../ports.js'
import { startServer, until, withServer } from '../redis-server.js'
import { PREFIX, STORE_KEY } from '../redis-store.js'

const SERVER = new URL('../../src/server.js', import.meta.url).pathname
const CLI = new URL('../../src/cli/bin.js', import.meta.url).pathname

interface Started {
  readonly child: ChildProcess
  readonly output: () => string
  /** Where it listens; rejects when it ended instead. */
  readonly url: Promise<string>
  readonly ended: Promise<number | null>
}

/** The real process, in the environment that it is given. */
function start(t: Test, environment: Record<string, string>, command = [SERVER]): Started {
  const child = spawn(process.execPath, [...LOADERS, ...command], {
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

/** The real process on a port, with a standard output that the test does not read. */
function spawnUnread(t: Test, stdout: number, port: number | string) {
  const child = spawn(process.execPath, [...LOADERS, SERVER], {
    env: { ...process.env, ...PAIR, NODE_ENV: '', HOST: '', PORT: String(port), DRAIN_DELAY: '0' },
    cwd: t.testdir(),
    stdio: ['ignore', stdout, 'inherit'],
  })
  t.teardown(() => child.kill('SIGKILL'))
  const ended = once(child, 'exit').then(([code]) => code as number | null)
  return { child, ended }
}

/** The same, answering. The log does not say where it listens. */
async function startUnread(t: Test, stdout: number) {
  const [port = 0] = await freePorts(1)
  const { child, ended } = spawnUnread(t, stdout, port)
  const url = `http://127.0.0.1:${port}`
  await answers(url, child)
  return { child, url, ended }
}

/** Waits until it answers there, as long as the process runs. */
async function answers(url: string, child: ChildProcess): Promise<void> {
  await until('it answers', () => {
    if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}`)
    return fetch(`${url}/health`).then(
      ({ ok }) => ok,
      () => false,
    )
  })
}

/** Makes so many calls, some at a time, and counts those that are connected. */
async function manyCalls(url: string, count: number): Promise<number> {
  let begun = 0
  let connected = 0
  async function caller(): Promise<void> {
    while (begun++ < count) {
      if ((await (await call(url)).text()) === FE_REACHES_CUSTOMER) connected += 1
    }
  }
  await Promise.all(Array.from({ length: 20 }, caller))
  return connected
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

test('the real process', { jobs: 4 }, async (t) => {
  t.test('the process answers calls, and exits with 0 on SIGTERM', { buffered: true }, async (t) => {
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

  t.test('it answers and ends also when the reader of its log has gone', { buffered: true }, async (t) => {
    for (const command of [[SERVER], [CLI, 'serve']]) {
      const { child, url, ended } = start(t, PAIR, command)
      const base = await url
      child.stdout?.destroy()
      t.equal(await manyCalls(base, 100), 100)
      child.kill('SIGTERM')
      t.equal(await ended, 0)
    }
  })

  t.test('on a full disk it starts, answers and ends', { buffered: true }, async (t) => {
    const full = openSync('/dev/full', 'w')
    t.teardown(() => closeSync(full))
    const { child, url, ended } = await startUnread(t, full)
    t.equal(await manyCalls(url, 100), 100)
    child.kill('SIGTERM')
    t.equal(await ended, 0)
  })

  t.test('with a log that nobody reads it answers and ends', { buffered: true }, async (t) => {
    const path = join(t.testdir(), 'pipe')
    spawnSync('mkfifo', [path])
    const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
    const pipe = openSync(path, constants.O_WRONLY)
    t.teardown(() => [reader, pipe].forEach(closeSync))
    const { child, url, ended } = await startUnread(t, pipe)
    // More than the 64 KiB that a pipe holds.
    t.equal(await manyCalls(url, 500), 500)
    child.kill('SIGTERM')
    t.equal(await ended, 0)
  })

  t.test('a crash is logged without its message and ends with 1', { buffered: true }, async (t) => {
    const crash = 'data:text/javascript,process.on("SIGUSR2",()=>{throw new Error("9188888"+"00001")})'
    const { child, url, ended, output } = start(t, PAIR, ['--import', crash, SERVER])
    await url
    child.kill('SIGUSR2')
    t.equal(await ended, 1)
    t.match(output(), '"level":"fatal"')
    t.notMatch(output(), '918888800001')
  })

  t.test(
    'with a wrong configuration the process does not start, and says what is wrong',
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
    const full = openSync('/dev/full', 'w')
    t.teardown(() => closeSync(full))
    t.equal(await spawnUnread(t, full, port).ended, 1, 'also when its log cannot be written')

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

  t.test(
    'on a store that a later version wrote it ends with 1, and says why',
    { buffered: true, ...withServer },
    async (t) => {
      const { url, client } = await startServer(t)
      const later = { schema: 9, readableBy: 9, naming: 'sealed' }
      await client.set(`${PREFIX}about:store`, JSON.stringify(later))
      const { ended, output } = start(t, { ...PAIR, STORE_URL: url, STORE_KEY })
      t.equal(await ended, 1)
      t.match(output(), /callmask cannot start\. The store has schema 9, .* run the version that wrote it/)
      t.match(JSON.parse(String(await client.get(`${PREFIX}about:store`))), later, 'which stays as it was')
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
})
