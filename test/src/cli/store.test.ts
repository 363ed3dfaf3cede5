import { type Test, test } from 'tap'
import { connectedKey } from '../../../src/calls/admission.js'
import { callKey } from '../../../src/calls/calls.js'
import { UnreadableSessionError } from '../../../src/masking/session-store.js'
import { cli } from '../../cli-helper.js'
import { draft, sessionIn, standing } from '../../drafts.js'
import { startServer, withServer } from '../../redis-server.js'
import { connect, OTHER_KEY, PREFIX, STORE_KEY } from '../../redis-store.js'
import { DAY } from '../../session-store-contract.js'
import { temporaryFolder } from '../stores/file/folders.js'

const later = (ms: number, run: () => void) => {
  const timer = setTimeout(run, ms)
  return () => clearTimeout(timer)
}

/** Runs `callmask store …` on a store. */
const run = (url: string, key: string, ...args: string[]) =>
  cli(['store', ...args], { MASKING_NUMBERS: '919000000011', STORE_URL: url, STORE_KEY: key }, { later })

async function filled(t: Test) {
  const server = await startServer(t)
  const { options } = standing()
  const { store, storage } = await connect(t, server.url, options)
  const session = sessionIn(await store.create(draft(1, 2, { externalId: 'order' })))
  const until = options.now() + DAY
  for (const key of [callKey('a-call'), connectedKey(session.id)])
    await storage.swap({ key, was: undefined, value: {}, until })
  return { ...server, store, session }
}

test('check says that a store is fine, and ends with 1 where something is wrong', withServer, async (t) => {
  const { url, client, session } = await filled(t)
  t.match(await run(url, STORE_KEY, 'check'), {
    code: 0,
    err: '',
    out: 'The store holds 1 sessions, of which 1 are open, 2 books with 2 legs, and 1 keys of requests.\nEverything fits together.\n',
  })
  const [book = ''] = await client.keys(`${PREFIX}book:*`)
  await client.del(book)
  const { code, out } = await run(url, STORE_KEY, 'check')
  t.equal(code, 1)
  t.match(out, /\n1 WRONG: sides of open sessions .*\nSomething is wrong\.\n$/)
  await client.set(`${PREFIX}session:${session.id}`, 'nonsense')
  const json = JSON.parse((await run(url, STORE_KEY, 'check', '--json')).out)
  t.match(json, { ok: false, wrong: { unreadable: 1, sidesWithoutLeg: 0 }, holds: { sessions: 0 } })
  t.notMatch(JSON.stringify(json), /98000/)
})

test(
  'upgrade writes everything again with the new key, and keeps how long it lasts',
  withServer,
  async (t) => {
    const { url, client, store, session } = await filled(t)
    const lasts = () => client.pexpiretime(`${PREFIX}session:${session.id}`)
    const before = await lasts()
    t.ok(before > 0)
    t.match(
      (await run(url, `${OTHER_KEY},${STORE_KEY}`, 'check')).out,
      /7 texts are sealed with an older key/,
    )
    t.match(await run(url, `${OTHER_KEY},${STORE_KEY}`, 'upgrade'), {
      code: 0,
      out: /had schema 3, and this version reads 3: it has 3 now.\n7 of 7 texts .*\nOnly the first entry of STORE_KEY is needed now.\n$/,
    })
    t.equal(await lasts(), before)
    t.match(JSON.parse((await run(url, OTHER_KEY, 'check', '--json')).out), {
      ok: true,
      holds: { open: 1, old: 0 },
    })
    t.match(JSON.parse((await run(url, OTHER_KEY, 'upgrade', '--json')).out), {
      ok: true,
      resealed: 0,
      seen: 7,
    })
    await t.rejects(store.find(session.id), UnreadableSessionError, 'the older key reads it no more')
  },
)

test('upgrade ends with 1 where a text cannot be read, and asks for its key', withServer, async (t) => {
  const { url, client, session } = await filled(t)
  await client.set(`${PREFIX}session:${session.id}`, 'nonsense')
  const { code, out } = await run(url, STORE_KEY, 'upgrade')
  t.equal(code, 1)
  t.match(
    out,
    /\n1 cannot be read: put the key that they were sealed with into STORE_KEY, behind the others\.\n$/,
  )
})

test('a store that refuses what it is asked is told as such', withServer, async (t) => {
  const { url, port, client } = await filled(t)
  const refused = (word: string) => ({
    code: 2,
    out: '',
    err: `error: the store refuses what it is asked (${word}): \`callmask doctor\` says more\n`,
  })
  await client.set(`${PREFIX}sessions:all`, 'something else')
  t.match(await run(url, STORE_KEY, 'check'), refused('WRONGTYPE'))
  await client.config('SET', 'requirepass', 'a-password')
  t.match(await run(url, STORE_KEY, 'check'), refused('NOAUTH'))
  t.match(await run(`redis://:another@127.0.0.1:${port}`, STORE_KEY, 'check'), refused('WRONGPASS'))
  await client.acl('SETUSER', 'reader', 'on', '>a-password', '~*', '+@all', '-set')
  t.match(await run(`redis://reader:a-password@127.0.0.1:${port}`, STORE_KEY, 'upgrade'), refused('NOPERM'))
})

test('upgrade brings an older form to ours, and a newer one is refused', withServer, async (t) => {
  const { url, client } = await filled(t)
  const about = `${PREFIX}about:store`
  const written = JSON.parse(String(await client.get(about)))
  await client.set(about, JSON.stringify({ ...written, schema: 2, readableBy: 2 }))
  t.match((await run(url, STORE_KEY, 'upgrade')).out, /had schema 2, and this version reads 3: it has 3 now/)
  t.match(JSON.parse(String(await client.get(about))), { schema: 3, readableBy: 3 })
  await client.set(about, JSON.stringify({ ...written, schema: 9, readableBy: 9 }))
  for (const command of ['check', 'upgrade'])
    t.match(await run(url, STORE_KEY, command), {
      code: 2,
      err: /schema 9, .* run the version that wrote it/,
    })
})

test('a store that is not there, is empty or has another key is told', withServer, async (t) => {
  const { url, port } = await startServer(t)
  t.match(await run(url, STORE_KEY, 'check'), { code: 2, err: /the store is empty/ })
  t.match(await run('', '', 'check'), { code: 2, err: /STORE_URL is not set/ })
  const filledStore = await filled(t)
  t.match(await run(filledStore.url, OTHER_KEY, 'check'), { code: 2, err: /written with another key/ })
  const atOnce = { later: (_ms: number, run: () => void) => later(50, run) }
  const environment = { MASKING_NUMBERS: '919000000011', STORE_URL: `redis://127.0.0.1:1`, STORE_KEY }
  t.match(await cli(['store', 'check'], environment, atOnce), { code: 2, err: /does not answer/ })
  t.ok(port > 0)
})

test('a folder is looked into as well, while no instance has it', async (t) => {
  const url = `file:${temporaryFolder(t)}`
  t.match(await run(url, STORE_KEY, 'check'), { code: 2, err: /the store is empty/ })
})
