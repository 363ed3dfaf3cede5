import { type Test, test } from 'tap'
import { examineStore } from '../../../src/checkup/examine-store.js'
import type { Finding } from '../../../src/checkup/finding.js'
import type { Io } from '../../../src/cli/io.js'
import { systemClock } from '../../../src/clock.js'
import { readConfig } from '../../../src/config/validation.js'
import { readStoreUrl, type StoreAddress } from '../../../src/stores/redis/address.js'
import { createClient } from '../../../src/stores/redis/client.js'
import { createHeartbeat } from '../../../src/stores/redis/instances.js'
import { createLink } from '../../../src/stores/redis/link.js'
import { createVault } from '../../../src/stores/vault.js'
import { cli } from '../../cli-helper.js'
import { PAIR } from '../../fixtures.js'
import { startServer, type TestServer, until, withServer } from '../../redis-server.js'
import { OTHER_KEY, PREFIX, STORE_KEY } from '../../redis-store.js'

const PASSWORD = 'hunter-2'
/** A port below those that a program may take without privileges. */
const NOBODY_LISTENS = 1

interface Examined {
  readonly findings: Finding[]
  /** The time limits that it set, in milliseconds. */
  readonly waits: number[]
}

/** What doctor finds of the store, with `limitMs` in place of its own time limits. */
async function examined(settings: Record<string, string>, limitMs = 2_000): Promise<Examined> {
  const waits: number[] = []
  const io: Pick<Io, 'now' | 'later'> = {
    now: Date.now,
    later(ms, run) {
      waits.push(ms)
      const timer = setTimeout(run, limitMs)
      return () => clearTimeout(timer)
    },
  }
  const config = readConfig({ ...PAIR, ...settings })
  return { findings: await examineStore(io as Io, config), waits }
}

/** What doctor finds of the store at this URL, with this key. */
async function examinedAt(url: string, key = STORE_KEY): Promise<Finding[]> {
  return (await examined({ STORE_URL: url, STORE_KEY: key })).findings
}

async function safeServer(t: Test, ...options: string[]): Promise<TestServer> {
  return startServer(t, '--appendonly', 'yes', '--maxmemory-policy', 'noeviction', ...options)
}

/** Sends one heartbeat of an instance with these keys. */
async function instanceOn(t: Test, { url }: TestServer, ...keys: [string, ...string[]]): Promise<void> {
  const link = createLink({
    client: createClient(readStoreUrl(url) as StoreAddress),
    clock: systemClock,
    beatKey: `${PREFIX}beat`,
    onChange: () => undefined,
  })
  t.teardown(() => link.close())
  await until('the instance has its store', () => link.isUp)
  await createHeartbeat({ link, vault: createVault(keys), prefix: PREFIX }, Date.now)()
}

test('without a shared store there is a finding only when there is a pool', async (t) => {
  t.same((await examined({})).findings, [])
  t.same((await examined({ MASKING_NUMBERS: '+919000000003' })).findings, [
    { check: 'store', ok: true, seen: 'in memory: sessions end with the process; run one instance' },
  ])
})

test('doctor finds that all is well with a store', withServer, async (t) => {
  const server = await safeServer(t)
  t.match(await examinedAt(server.url), [
    { check: 'store', ok: true, seen: /^standalone, answers in \d+\.\d ms$/ },
    { check: 'store settings', ok: true, seen: 'keep sessions safe' },
    { check: 'store key', ok: true, seen: 'no instance is running' },
  ])
  await until('its connection is closed', async () => {
    const clients = String(await server.client.client('LIST'))
    return clients.trim().split('\n').length === 1
  })
})

test('doctor finds a store that cannot be reached', withServer, async (t) => {
  const url = `redis://user:${PASSWORD}@127.0.0.1:${NOBODY_LISTENS}`
  const { findings, waits } = await examined({ STORE_URL: url, STORE_KEY }, 500)
  t.same(findings, [
    {
      check: 'store',
      ok: false,
      seen: 'does not answer (ECONNREFUSED)',
      remedy: 'check STORE_URL, that the store runs, and the way to it from here',
    },
  ])
  t.same(waits, [2_000])
})

test('doctor finds a store that accepts connections but does not answer', withServer, async (t) => {
  const server = await safeServer(t)
  await server.kill('SIGSTOP')
  const { findings } = await examined({ STORE_URL: server.url, STORE_KEY }, 200)
  t.match(findings, [{ check: 'store', ok: false, seen: 'does not answer' }])
  await server.kill('SIGCONT')
})

test('doctor finds a wrong password for the store', withServer, async (t) => {
  const server = await safeServer(t)
  await server.client.config('SET', 'requirepass', `not-${PASSWORD}`)
  const at = `127.0.0.1:${server.port}`
  const wrong = await examinedAt(`redis://:${PASSWORD}@${at}`)
  const remedy = 'correct the user and the password in STORE_URL'
  t.same(wrong, [{ check: 'store', ok: false, seen: 'refuses the password (WRONGPASS)', remedy }])
  t.notMatch(JSON.stringify(wrong), PASSWORD)
  t.same(await examinedAt(`redis://${at}`), [
    { check: 'store', ok: false, seen: 'refuses the password (NOAUTH)', remedy },
  ])
  t.match(await examinedAt(`redis://:not-${PASSWORD}@${at}`), [{ check: 'store', ok: true }, {}, {}])
})

test('doctor finds a cluster that cannot be reached, and a wrong password for one', withServer, async (t) => {
  const gone = await examined({ STORE_URL: `redis://127.0.0.1:${NOBODY_LISTENS}/?cluster`, STORE_KEY }, 500)
  t.match(gone.findings, [{ check: 'store', ok: false, seen: 'does not answer' }])

  const server = await safeServer(t, '--cluster-enabled', 'yes')
  await server.client.config('SET', 'requirepass', `not-${PASSWORD}`)
  t.match(await examinedAt(`redis://:${PASSWORD}@127.0.0.1:${server.port}/?cluster`), [
    { check: 'store', ok: false, seen: 'refuses the password (WRONGPASS)' },
  ])
})

test('doctor finds a user of the store who lacks a permission', withServer, async (t) => {
  const server = await safeServer(t)
  await server.client.acl('SETUSER', 'some', 'on', `>${PASSWORD}`, '~*', '+@all', '-zrangebyscore')
  t.match(await examinedAt(`redis://some:${PASSWORD}@127.0.0.1:${server.port}`), [
    { check: 'store', ok: true },
    { check: 'store settings', ok: true },
    {
      check: 'store',
      ok: false,
      seen: 'refuses a command, or stopped answering',
      remedy: /what its user may do/,
    },
  ])
})

test('each setting that puts sessions at risk is a finding of its own', withServer, async (t) => {
  const server = await startServer(t, '--appendonly', 'no', '--maxmemory-policy', 'allkeys-lru')
  const findings = await examinedAt(server.url)
  t.match(
    findings.filter(({ check }) => check === 'store settings'),
    [
      { ok: false, seen: /^maxmemory-policy is allkeys-lru/, remedy: 'set it to noeviction' },
      { ok: false, seen: /^nothing is written to disk/, remedy: 'set appendonly to yes' },
    ],
  )
})

test('doctor finds a primary that would go on without its replicas', withServer, async (t) => {
  const [server, replica] = [await safeServer(t), await safeServer(t)]
  await replica.client.replicaof('127.0.0.1', server.port)
  await until('the replica is there', async () =>
    /state=online/.test(await server.client.info('replication')),
  )
  const settings = async () =>
    (await examinedAt(server.url)).filter(({ check }) => check === 'store settings')
  t.match(await settings(), [
    { ok: false, seen: /^a primary that is cut off/, remedy: /min-replicas-to-write to 1/ },
  ])
  await server.client.config('SET', 'min-replicas-to-write', '1', 'min-replicas-max-lag', '2')
  t.match(await settings(), [{ ok: true, seen: 'keep sessions safe' }])
})

test('doctor compares the keys of the running instances with its own', withServer, async (t) => {
  const server = await safeServer(t)
  const keyLine = async (key?: string) => (await examinedAt(server.url, key)).at(-1)

  await instanceOn(t, server, STORE_KEY)
  t.same(await keyLine(), { check: 'store key', ok: true, seen: '1 instance on this key' })
  await instanceOn(t, server, STORE_KEY, OTHER_KEY)
  t.same(await keyLine(), { check: 'store key', ok: true, seen: '2 instances on this key' })

  await instanceOn(t, server, OTHER_KEY, STORE_KEY)
  const remedy = 'give the same STORE_KEY to all instances, and to this command'
  t.same(await keyLine(), {
    check: 'store key',
    ok: false,
    seen: '1 of 3 instances write with another key',
    remedy,
  })
  t.match(await keyLine(OTHER_KEY), { ok: false, seen: '2 of 3 instances write with another key' })
})

test('doctor includes the store in its report', withServer, async (t) => {
  const server = await safeServer(t)
  const environment = {
    ...PAIR,
    PUBLIC_BASE_URL: 'http://127.0.0.1:1',
    VOBIZ_API_BASE: 'http://127.0.0.1:1',
    VOBIZ_AUTH_ID: 'MA_XXXXXXXX',
    VOBIZ_AUTH_TOKEN: 'token',
    STORE_URL: server.url,
    STORE_KEY,
  }
  const { out } = await cli(['doctor'], environment)
  t.match(
    out,
    /✓ store: standalone, answers in [\d.]+ ms\n✓ store settings: .*\n✓ store key: no instance is running\n/,
  )
})
