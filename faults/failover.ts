/** Part two: a primary is lost right after a close, and its replica, which may not have heard of it, takes over. */
import { setTimeout as sleep } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { UPKEEP_INTERVAL_MS } from '../plugins/sessions.js'
import { systemClock } from '../src/clock.js'
import { freePorts } from '../test/ports.js'
import { until } from '../test/redis-server.js'
import { PEOPLE, POOL, pick } from './people.js'
import { type Service, startRedis } from './processes.js'
import { createReport, type Report } from './report.js'
import {
  type OpenStore,
  openStore,
  phoneNumber,
  UNAVAILABLE,
  unlessUnavailable,
  untilAnswered,
} from './store.js'
import { startProxy, type TcpProxy } from './tcp-proxy.js'

export const SECONDS_PER_CYCLE = 5

const REOPENED = 'closes that were reported durable and came back open'
const NEVER_CLOSED = 'closes that came back open and were not closed in the background'
const MENDED = 'closes that came back open and were closed in the background'
const BACKGROUND_LIMIT_MS = 5_000

/** What happens to the link to the replica, and when. */
const LINKS = ['whole', 'silent before', 'whole', 'silent meanwhile', 'whole', 'cut before'] as const
type LinkFate = (typeof LINKS)[number]

/** A replica counts as connected as soon as it has the primary's data, not at the next full second. */
const OPTIONS = ['--hz', '100', '--repl-diskless-sync', 'no', '--appendonly', 'no']

interface Server {
  readonly service: Service
  readonly client: Redis
}

interface Pair {
  readonly primary: Server
  readonly replica: Server
  readonly toPrimary: TcpProxy
  readonly replication: TcpProxy
  readonly store: OpenStore
  readonly report: Report
}

export async function runFailovers(cycles: number): Promise<boolean> {
  const report = createReport(`A primary lost ${cycles} times`)
  for (const what of [REOPENED, NEVER_CLOSED]) report.demand(what)
  const [first, second] = await Promise.all((await freePorts(2)).map(startServer))
  let [primary, replica] = [first as Server, second as Server]
  const toPrimary = await startProxy(primary.service.port)
  const replication = await startProxy(primary.service.port)
  const store = openStore({ port: toPrimary.port, pool: POOL, restMs: 0 })
  const stop = systemClock.every(UPKEEP_INTERVAL_MS, () => unlessUnavailable(() => store.sessions.upkeep()))

  for (let cycle = 0; cycle < cycles; cycle++) {
    const begun = performance.now()
    const fate = LINKS[cycle % LINKS.length] as LinkFate
    await loseThePrimary({ primary, replica, toPrimary, replication, store, report }, fate)
    ;[primary, replica] = [replica, primary]
    await replica.service.start()
    report.largest('longest cycle, ms', performance.now() - begun)
  }

  stop()
  store.close()
  for (const { client, service } of [primary, replica]) {
    client.disconnect()
    await service.kill()
  }
  await Promise.all([toPrimary.close(), replication.close()])
  return report.print()
}

async function startServer(port: number): Promise<Server> {
  const service = await startRedis(port, ...OPTIONS)
  const client = new Redis({ port, host: '127.0.0.1', retryStrategy: () => 20 })
  client.on('error', () => undefined)
  return { service, client }
}

async function loseThePrimary(pair: Pair, fate: LinkFate): Promise<void> {
  const { primary, replica, toPrimary, replication, store, report } = pair
  await follow(pair)
  const id = await openOne(store)
  await confirm(primary.client)

  if (fate === 'silent before') replication.setWeather('black-hole')
  if (fate === 'cut before') await replication.refuse()
  const closing = unlessUnavailable(() => store.sessions.close(id))
  if (fate === 'silent meanwhile') {
    await sleep(Math.random() * 4)
    replication.setWeather('black-hole')
  }
  const closed = await closing
  await primary.service.kill()
  await replica.client.replicaof('NO', 'ONE')

  const isReopened = (await replica.client.hget(`callmask:2:session:${id}`, 'c')) === null
  const durability =
    closed === UNAVAILABLE || !closed ? 'unknown' : closed.durable ? 'durable' : 'not durable'
  report.count(`closes, ${durability}, link ${fate}`)
  if (durability === 'durable' && isReopened) {
    report.count(REOPENED)
    report.note(`${id} came back, link ${fate}`)
  }
  toPrimary.pointTo(replica.service.port)
  const session = await untilAnswered(() => store.sessions.find(id))
  if (durability === 'durable' && session?.closedAt === undefined) report.note(`${id} is found open`)
  if (durability === 'not durable' && isReopened) await awaitBackground(pair, id)
  replication.setWeather('clear')
  replication.dropAll()
  if (fate === 'cut before') await replication.accept()
}

/** The replica takes all that the primary has. */
async function follow({ primary, replica, replication }: Pair): Promise<void> {
  replication.pointTo(primary.service.port)
  await replica.client.replicaof('127.0.0.1', replication.port)
  await until('the replica is there', async () =>
    /state=online/.test(await primary.client.info('replication')),
  )
  await until('the replica has all', async () =>
    /master_link_status:up/.test(await replica.client.info('replication')),
  )
}

async function openOne({ sessions }: OpenStore): Promise<string> {
  const person = pick(PEOPLE)
  const participants = [person, pick(PEOPLE.filter((other) => other !== person))].map(phoneNumber)
  const now = Date.now()
  const draft = {
    participants: participants as [ReturnType<typeof phoneNumber>, ReturnType<typeof phoneNumber>],
    createdAt: now,
    expiresAt: now + 3_600_000,
    fingerprint: '',
    allowShortRest: true,
  }
  const outcome = await untilAnswered(() => sessions.create(draft))
  if (outcome.kind !== 'created') throw new Error(`a session could not be opened: ${outcome.kind}`)
  return outcome.session.id
}

/** Until the replica has the session itself: only its close is in question. */
async function confirm(client: Redis): Promise<void> {
  await client.set('callmask-faults:confirm', '1')
  if ((await client.wait(1, 2_000)) < 1) throw new Error('the replica does not follow')
}

async function awaitBackground({ store, report }: Pair, id: string): Promise<void> {
  const begun = performance.now()
  while (performance.now() - begun < BACKGROUND_LIMIT_MS) {
    const session = await untilAnswered(() => store.sessions.find(id))
    if (session?.closedAt !== undefined) {
      report.count(MENDED)
      report.largest('slowest close in the background, ms', performance.now() - begun)
      return
    }
    await sleep(20)
  }
  report.count(NEVER_CLOSED)
}
