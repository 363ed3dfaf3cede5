import { mkdirSync, renameSync, rmdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import type { Worker } from 'node:worker_threads'
import { type Test, test } from 'tap'
import { NOTE_INTERVAL_MS } from '../../plugins/file-store.js'
import { UPKEEP_INTERVAL_MS } from '../../plugins/sessions.js'
import { testClock } from '../clocks.js'
import { lines, webhook } from '../fixtures.js'
import { API, build } from '../helper.js'
import { OTHER_KEY, STORE_KEY } from '../redis-store.js'
import { IN_MEMORY, temporaryFolder } from '../src/stores/file/folders.js'

const [RIDER, DRIVER, OTHER] = ['919812300001', '919812300002', '919812300003'] as const

/** The whole service on a store in a folder. */
async function serve(t: Test, folder: string, more: Record<string, string> = {}, clock = testClock()) {
  const environment = { ...API.environment, STORE_URL: `file:${folder}`, STORE_KEY, ...more }
  const built = await build(t, environment, clock)
  const { app } = built
  const ask = (method: 'GET' | 'POST', path: string, payload?: object) =>
    app.inject({ method, url: `/v1${path}`, headers: API.headers, ...(payload && { payload }) })
  const open = (...numbers: string[]) =>
    ask('POST', '/sessions', { participants: numbers.map((number) => ({ number: `+${number}` })) })
  const hears = async (from: string, to: string) =>
    (await app.inject(webhook({ From: from, To: to.replace('+91', '0') }))).body
  return { ...built, clock, ask, open, hears, told: () => lines(built.startLog + built.logged()) }
}

const folderOf = (t: Test) => temporaryFolder(t, IN_MEMORY)

const maskOf = (view: { participants: { masking_number: string }[] }, side: 0 | 1) =>
  String(view.participants[side]?.masking_number)

test('sessions in a folder survive a restart, and the status says where they are', async (t) => {
  const folder = folderOf(t)
  const before = await serve(t, folder)
  t.match(lines(before.startLog), [{ store: 'file', level: 'info', msg: /in a folder .*: run one instance/ }])
  t.same((await before.ask('GET', '/status')).json(), { store: { kind: 'file', state: 'up' } })
  const session = (await before.open(RIDER, DRIVER)).json()
  t.ok(before.app.storages.isLasting)
  await before.app.close()
  t.same(before.clock.intervals(), [])

  const { ask, hears, told } = await serve(t, folder)
  t.match((await ask('GET', `/sessions/${session.id}`)).json(), { status: 'open' })
  t.match(await hears(RIDER, maskOf(session, 0)), `<Number>+${DRIVER}</Number>`)
  t.notOk(
    told().some(({ behindMs }) => behindMs),
    'the clock is right',
  )
})

test('a second service does not start on the folder of another, and does not disturb it', async (t) => {
  const folder = folderOf(t)
  const { open } = await serve(t, folder)
  await t.rejects(serve(t, folder), {
    name: 'StoreFolderError',
    message: /^Another callmask has .* open/,
  })
  t.match(await open(RIDER, DRIVER), { statusCode: 201 })
})

test('a service with another STORE_KEY does not start', async (t) => {
  const folder = folderOf(t)
  const first = await serve(t, folder)
  await first.open(RIDER, DRIVER)
  await first.app.close()
  const refused = serve(t, folder, { STORE_KEY: OTHER_KEY })
  await t.rejects(refused, { name: 'ForeignStoreError', message: /written with another key/ })
})

test('a new STORE_KEY is used without a restart, and one that reads nothing there is told of', async (t) => {
  const folder = folderOf(t)
  const STORE_KEY_FILE = join(t.testdir({ key: STORE_KEY }), 'key')
  const rotated = await serve(t, folder, { STORE_KEY: '', STORE_KEY_FILE })
  const { app, open, hears, clock, told } = rotated
  const session = (await open(RIDER, DRIVER)).json()

  writeFileSync(STORE_KEY_FILE, `${OTHER_KEY},${STORE_KEY}`)
  app.secrets.reload()
  t.match(await hears(RIDER, maskOf(session, 0)), `+${DRIVER}`, 'what the old one wrote is read')
  const later = (await open(RIDER, OTHER)).json()
  await clock.tick(NOTE_INTERVAL_MS)

  const fatal = () => told().filter(({ level }) => level === 'fatal')
  t.same(fatal(), [])
  writeFileSync(STORE_KEY_FILE, STORE_KEY)
  app.secrets.reload()
  await clock.tick(NOTE_INTERVAL_MS)
  t.match(fatal(), [{ msg: /written with another key/ }], 'the new one is what the note is sealed with')
  await app.close()

  const { ask } = await serve(t, folder, { STORE_KEY: `${OTHER_KEY},${STORE_KEY}` })
  for (const { id } of [session, later]) t.match((await ask('GET', `/sessions/${id}`)).json(), { id })
})

test('while the folder takes no writes no session is opened, and a service recovers from that by itself', async (t) => {
  const folder = folderOf(t)
  const data = join(folder, 'data.mdb')
  const threads: Worker[] = []
  const note = (thread: Worker) => threads.push(thread)
  process.on('worker', note)
  t.teardown(() => process.off('worker', note))
  const { app, ask, open, clock, logged } = await serve(t, folder)
  const session = (await open(RIDER, DRIVER)).json()

  renameSync(data, `${data}.away`)
  mkdirSync(data)
  await threads[0]?.terminate()
  while (app.fileStore?.isUp) await turn()
  t.same((await ask('GET', '/status')).json(), { store: { kind: 'file', state: 'down' } })
  t.match((await open(RIDER, OTHER)).json(), { status: 503, code: 'store_unavailable' })
  await clock.tick(NOTE_INTERVAL_MS)
  await clock.tick(UPKEEP_INTERVAL_MS)

  rmdirSync(data)
  renameSync(`${data}.away`, data)
  await clock.tick(UPKEEP_INTERVAL_MS)
  t.same((await ask('GET', '/status')).json(), { store: { kind: 'file', state: 'up' } })
  t.match((await ask('GET', `/sessions/${session.id}`)).json(), { status: 'open' })
  t.match(
    lines(logged()).flatMap(({ level, store, why }) => (store ? [{ level, store, why }] : [])),
    [
      { level: 'error', store: 'file', why: 'the thread that writes has ended' },
      { level: 'info', store: 'file', why: undefined },
    ],
  )
  t.notOk(lines(logged()).some(({ level }) => level === 'fatal'))
})

test('a clock that went back is warned of at the start, and nothing lasts longer for it', async (t) => {
  const folder = folderOf(t)
  const before = await serve(t, folder)
  await before.open(RIDER, DRIVER)
  await before.app.close()
  const clock = testClock(before.clock.time - 7_000)
  const { app, startLog } = await serve(t, folder, {}, clock)
  t.match(
    lines(startLog).filter(({ level }) => level === 'warn'),
    [{ behindMs: 7_000, msg: /^the clock of this machine went back/ }],
  )
  t.equal(app.storages.storage.now(), before.clock.time)
})
