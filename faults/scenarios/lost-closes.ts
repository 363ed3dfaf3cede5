/** A primary is lost right after a close, and its replica, which may not have heard of it, takes over. */
import { setTimeout as sleep } from 'node:timers/promises'
import { freePorts } from '../../test/ports.js'
import { type Instance, startFleet } from '../fleet.js'
import { someone } from '../people.js'
import { createReport, type Report } from '../report.js'
import { askClose, connectionsOf, type Opened, openSurely } from '../sessions.js'
import { startProxy, type TcpProxy } from '../tcp-proxy.js'
import {
  confirmAll,
  endServers,
  eventually,
  hasReplicas,
  isFollowing,
  type StoreServer,
  startServer,
} from '../topologies/topology.js'

const REOPENED = 'closes that were reported durable and came back open'
const NEVER_CLOSED = 'closes that came back open and were not closed in the background'
const MENDED = 'closes that came back open and were closed in the background'
const BACKGROUND_LIMIT_MS = 5_000

/** What happens to the link to the replica, and when. */
const LINKS = ['whole', 'silent before', 'silent meanwhile', 'cut before'] as const
type LinkFate = (typeof LINKS)[number]

/** A replica counts as connected as soon as it has the primary's data, not at the next full second. */
const QUICK = ['--hz', '100', '--repl-diskless-sync', 'no', '--appendonly', 'no']

interface Roles {
  readonly primary: StoreServer
  readonly replica: StoreServer
  readonly toPrimary: TcpProxy
  readonly replication: TcpProxy
  readonly instance: Instance
  readonly report: Report
}

export async function runLostCloses(cycles: number): Promise<boolean> {
  const report = createReport(`A primary lost ${cycles} times, right after a close`)
  for (const what of [REOPENED, NEVER_CLOSED]) report.demand(what)
  const [first, second] = await Promise.all((await freePorts(2)).map((port) => startServer(port, ...QUICK)))
  let [primary, replica] = [first as StoreServer, second as StoreServer]
  const toPrimary = await startProxy(primary.service.port)
  const replication = await startProxy(primary.service.port)
  const fleet = await startFleet({ storeUrl: `redis://127.0.0.1:${toPrimary.port}`, clocks: [0] })
  const [instance] = fleet.instances as [Instance]

  for (let cycle = 0; cycle < cycles; cycle++) {
    const people = [someone(cycle * 2), someone(cycle * 2 + 1)] as const
    const roles = { primary, replica, toPrimary, replication, instance, report }
    await loseThePrimary(roles, people, LINKS[cycle % LINKS.length] as LinkFate)
    ;[primary, replica] = [replica, primary]
    await replica.service.start()
  }
  await fleet.end()
  await endServers([primary, replica])
  await Promise.all([toPrimary.close(), replication.close()])
  return report.print()
}

async function loseThePrimary(
  roles: Roles,
  people: readonly [string, string],
  fate: LinkFate,
): Promise<void> {
  const { primary, replica, toPrimary, replication, instance, report } = roles
  await follow(roles)
  const session = await openSurely(instance.port, { people })
  // Only the close is in question.
  await confirmAll(primary)

  if (fate === 'silent before') replication.setWeather('black-hole')
  if (fate === 'cut before') await replication.refuse()
  const closing = askClose(instance.port, session.id)
  if (fate === 'silent meanwhile') {
    await sleep(Math.random() * 4)
    replication.setWeather('black-hole')
  }
  const { isAcknowledged, isDurable } = await closing
  await primary.service.kill()
  await replica.client.replicaof('NO', 'ONE')
  toPrimary.pointTo(replica.service.port)
  await untilAnswers(instance)

  const isOpen = (await connectionsOf([instance.port], session)) > 0
  const durability = isDurable ? 'durable' : isAcknowledged ? 'not durable' : 'unknown'
  report.count(`closes, ${durability}, link ${fate}`)
  if (isDurable && isOpen) report.count(REOPENED)
  if (!isDurable && isAcknowledged && isOpen) await awaitBackground(roles, session)
  replication.setWeather('clear')
  replication.dropAll()
  if (fate === 'cut before') await replication.accept()
}

/** The replica takes all that the primary has. */
async function follow({ primary, replica, replication }: Roles): Promise<void> {
  replication.pointTo(primary.service.port)
  await replica.client.replicaof('127.0.0.1', replication.port)
  await eventually('the replica has all', () => isFollowing(replica))
  await eventually('the primary has its replica', () => hasReplicas(primary, 1))
}

async function untilAnswers({ port }: Instance): Promise<void> {
  await openSurely(port, { people: [someone(90_000), someone(90_001)], key: 'until it answers' })
}

async function awaitBackground({ instance, report }: Roles, session: Opened): Promise<void> {
  const begun = performance.now()
  while (performance.now() - begun < BACKGROUND_LIMIT_MS) {
    if ((await connectionsOf([instance.port], session)) === 0) {
      report.count(MENDED)
      report.largest('slowest close in the background, ms', performance.now() - begun)
      return
    }
    await sleep(100)
  }
  report.count(NEVER_CLOSED)
}
