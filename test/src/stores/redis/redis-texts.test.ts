import { type Test, test } from 'tap'
import { StoreUnavailableError } from '../../../../src/masking/storage.js'
import type { Client } from '../../../../src/stores/redis/client.js'
import type { Link } from '../../../../src/stores/redis/link.js'
import { createRedisTexts, timeOf } from '../../../../src/stores/redis/redis-texts.js'
import { WRONG_TYPE } from '../../../../src/stores/texts.js'
import { standing } from '../../../drafts.js'
import { startCluster, startServer, type TestServer, withServer } from '../../../redis-server.js'
import { connect, PREFIX } from '../../../redis-store.js'
import { SECOND, START } from '../../../session-store-contract.js'
import { allOf, LATER, NEVER, put, textsContract } from '../../../texts-contract.js'

const thing = (id: string) => ({ kind: 'thing', id })
const list = { kind: 'list', id: 'a' }
const AT = `${PREFIX}list:a`
const ALL = { order: 'oldest first', limit: 99 } as const

async function open(t: Test, { url }: Pick<TestServer, 'url'>) {
  return (await connect(t, url, standing().options)).texts
}

test('texts on a server do what every driver does', withServer, async (t) => {
  textsContract(t, async (t) => open(t, await startServer(t)))
})

test('texts on a cluster do what every driver does', withServer, async (t) => {
  const nodes = await startCluster(t)
  const [first] = nodes as [TestServer]
  textsContract(t, async (t) => {
    for (const { client } of nodes) await client.flushall()
    return open(t, { url: `${first.url}?cluster` })
  })
})

test('what is gone since it was found is left out', async (t) => {
  const client = {
    scan: async () => ['0', ['p:thing:gone', 'p:thing:there']],
    get: async (key: string) => (key.endsWith('there') ? 'text' : null),
  } as unknown as Client
  const link = {
    ask: async <Reply>(question: (client: Client) => Promise<Reply>) => question(client),
  } as Link
  const confirmer = { note: () => undefined, confirm: async () => true }
  const texts = createRedisTexts({ link, confirmer, prefix: 'p:', now: () => START })
  t.same(await allOf(texts, 'thing'), [{ id: 'there', text: 'text' }])
})

test('the time of a cluster is that of one server, which all instances ask', withServer, async (t) => {
  const nodes = await startCluster(t)
  const asked = async ({ client }: TestServer) =>
    Number(/cmdstat_time:calls=(\d+)/.exec(await client.info('commandstats'))?.[1] ?? 0)
  for (const { client } of nodes) await client.config('RESETSTAT')
  for (const { url } of nodes) {
    const { link } = await connect(t, `${url}?cluster`, standing().options)
    const before = Date.now()
    t.ok((await timeOf(link)) >= before, 'in milliseconds')
  }
  t.same((await Promise.all(nodes.map(asked))).sort(), [0, 0, nodes.length])
})

test(
  'the server forgets a text when its time is up, and one that is kept for ever never',
  withServer,
  async (t) => {
    const server = await startServer(t)
    const texts = await open(t, server)
    const key = `${PREFIX}thing:a`
    await put(texts, thing('a'), 'one', LATER + 0.5)
    t.equal(await server.client.pexpiretime(key), LATER + 1)
    await texts.swap({ name: thing('a'), was: 'one', text: 'two', until: NEVER })
    t.equal(await server.client.pexpiretime(key), -1)
    await texts.swap({ name: thing('a'), was: 'two', text: 'three', until: LATER })
    t.equal(await server.client.pexpiretime(key), LATER, 'it is the last time that counts')
    await texts.swap({ name: thing('a'), was: 'three', text: 'more', until: 'as before' })
    t.equal(await server.client.pexpiretime(key), LATER, 'as it was')
    await texts.swap({ name: thing('a'), was: 'more', text: 'four', until: 1 })
    t.same(await texts.read([thing('a')]), [undefined])
    await texts.upkeep()
  },
)

test('a list on a server is kept for the longest time that was asked for', withServer, async (t) => {
  const server = await startServer(t)
  const texts = await open(t, server)
  const keptUntil = () => server.client.pexpiretime(AT)
  const enlist = (until: number) => texts.enlist(list, { id: 'a', at: START }, until)
  await enlist(LATER)
  t.equal(await keptUntil(), LATER)
  await enlist(LATER - SECOND)
  t.equal(await keptUntil(), LATER)
  await enlist(LATER + SECOND)
  t.equal(await keptUntil(), LATER + SECOND)
  await enlist(NEVER)
  t.equal(await keptUntil(), -1)
  await enlist(LATER + 2 * SECOND)
  t.equal(await keptUntil(), -1, 'never is longer than any time')
  await texts.delist(list, [{ id: 'a', at: START }])
  await enlist(LATER)
  t.equal(await keptUntil(), LATER, 'a list that had become empty is a new one')
})

test('what is no text is told as such, and can only be replaced as such', withServer, async (t) => {
  const server = await startServer(t)
  const texts = await open(t, server)
  const names = Array.from({ length: 9 }, (_, i) => thing(String(i)))
  const [odd, nothing, other] = names as [(typeof names)[0], (typeof names)[0], (typeof names)[0]]
  await put(texts, other, 'text')
  await server.client.lpush(`${PREFIX}thing:0`, 'x')
  t.same((await texts.read([odd, nothing, other])).slice(0, 3), [WRONG_TYPE, undefined, 'text'])
  t.same((await texts.read(names)).slice(0, 3), [WRONG_TYPE, undefined, 'text'], 'also where many are read')
  t.strictSame(
    new Map((await allOf(texts, 'thing')).map(({ id, text }) => [id, text])),
    new Map<string, unknown>([
      ['0', WRONG_TYPE],
      ['2', 'text'],
    ]),
  )
  const swap = (name: typeof odd, was: string | typeof WRONG_TYPE | undefined) =>
    texts.swap({ name, was, text: 'new', until: LATER })
  t.notOk(await swap(odd, undefined))
  t.notOk(await swap(odd, 'x'))
  t.notOk(await swap(nothing, WRONG_TYPE))
  t.notOk(await swap(other, WRONG_TYPE))
  t.ok(await swap(odd, WRONG_TYPE))
  t.same(await texts.read([odd]), ['new'])
})

test('a list of another type is a store that fails', withServer, async (t) => {
  const server = await startServer(t)
  const texts = await open(t, server)
  await server.client.set(AT, 'x')
  await t.rejects(texts.entries(list, ALL), StoreUnavailableError)
  await t.rejects(texts.enlist(list, { id: 'a', at: START }, LATER), StoreUnavailableError)
  await t.rejects(texts.delist(list, [{ id: 'a', at: START }]), StoreUnavailableError)
})

test(
  'while the server is away nothing is read or written, and nothing is confirmed',
  withServer,
  async (t) => {
    const server = await startServer(t)
    const texts = await open(t, server)
    await put(texts, thing('a'), 'text')
    await server.kill('SIGKILL')
    await t.rejects(async () => texts.read([thing('a')]), StoreUnavailableError)
    await t.rejects(
      async () => texts.read(Array.from({ length: 9 }, (_, i) => thing(String(i)))),
      StoreUnavailableError,
    )
    await t.rejects(put(texts, thing('b'), 'text'), StoreUnavailableError)
    await t.rejects(texts.enlist(list, { id: 'a', at: START }, LATER), StoreUnavailableError)
    await t.rejects(texts.entries(list, ALL), StoreUnavailableError)
    await t.rejects(allOf(texts, 'thing'), StoreUnavailableError)
    t.equal(await texts.confirm(() => [thing('a')]), false)
  },
)
