/** F4: a shard of a cluster loses its replica and then its primary, and the replica comes back with what it last had. */

import { callApi } from '../api.js'
import { APART, type Instance, startFleet } from '../fleet.js'
import { POOL, someone } from '../people.js'
import { createReport, type Report } from '../report.js'
import { askOpen, eachOf, type Opened, openSurely, readOpened } from '../sessions.js'
import { type Cluster, type Shard, startCluster } from '../topologies/cluster.js'
import { eventually, isPrimary } from '../topologies/topology.js'

const GIVEN_AGAIN = 'numbers of an acknowledged session that its people were given again'
const GONE = 'sessions that were acknowledged without a doubt, and are lost'
/** Few, so that somebody soon has all of them. */
const NUMBERS = POOL.slice(0, 4)
const SESSIONS = 12
const AT_ONCE = 6
/** Milliseconds in which the instances learn who has a shard now. */
const ANSWER_MS = 15_000

/** @param shards how many of the three lose their servers, one after the other */
export async function runLostShards(shards: number): Promise<boolean> {
  const report = createReport('F4: a cluster whose shard loses its replica, and then its primary')
  for (const what of [GIVEN_AGAIN, GONE]) report.demand(what)
  const topology = await startCluster()
  const fleet = await startFleet({ storeUrl: topology.storeUrl, clocks: APART, pool: NUMBERS })
  const [first] = fleet.instances as [Instance]
  let people = 0
  const nextTwo = () => [someone(people++), someone(people++)] as const
  // While all is whole, so that the store is known as one with replicas.
  for (const { port } of fleet.instances) {
    const { id } = await openSurely(port, { people: nextTwo() })
    await callApi(port, 'POST', `/v1/sessions/${id}/close`)
  }

  for (const shard of topology.shards.slice(0, shards)) {
    const opened = await openWhileShardIsLost(topology, shard, first, nextTwo)
    await untilAllAnswer(first, nextTwo)
    report.count('shards that lost both servers')
    await eachOf(opened, AT_ONCE, (session) => judge(session))
    await topology.whole()
  }
  await fleet.end()
  await topology.end()
  return report.print()

  async function judge(session: Opened): Promise<void> {
    const { status, text } = await callApi(first.port, 'GET', `/v1/sessions/${session.id}`)
    const isThere = status === 200 && JSON.parse(text).status === 'open'
    countDoubt(report, session)
    if (!session.isSure) return
    if (!isThere) {
      report.count(GONE)
      return
    }
    for (const [side, person] of session.people.entries()) {
      const masks = await takeAll(first, person, () => someone(people++))
      if (!masks.includes(session.masks[side] as string)) continue
      report.count(GIVEN_AGAIN)
      report.note(`${session.id}: side ${side + 1} was given its number again`)
    }
  }
}

async function openWhileShardIsLost(
  topology: Cluster,
  shard: Shard,
  { port }: Instance,
  nextTwo: () => readonly [string, string],
): Promise<Opened[]> {
  const [primary, replica] = [await shard.primary(), await shard.replica()]
  await replica.service.kill()
  await eventually('the primary misses its replica', async () =>
    /connected_slaves:0/.test(await primary.client.info('replication')),
  )
  const opened: Opened[] = []
  await eachOf(Array.from({ length: SESSIONS }), AT_ONCE, async () => {
    opened.push(await openSurely(port, { people: nextTwo() }))
  })
  await primary.service.kill()
  await replica.service.start()
  await eventually('the replica takes over', () => isPrimary(replica))
  await primary.service.start()
  await topology.whole()
  return opened
}

/** Opens sessions until each shard was needed. */
async function untilAllAnswer({ port }: Instance, nextTwo: () => readonly [string, string]): Promise<void> {
  const limit = performance.now() + ANSWER_MS
  for (let inARow = 0; inARow < SESSIONS; ) {
    const people = nextTwo()
    inARow = readOpened(people, await askOpen(port, { people })) ? inARow + 1 : 0
    if (performance.now() > limit) throw new Error('a shard does not come back for an instance')
  }
}

/** Opens sessions for somebody until no number is free for them: the numbers that they got. */
async function takeAll({ port }: Instance, person: string, helper: () => string): Promise<string[]> {
  const masks: string[] = []
  for (let tries = 0; tries < NUMBERS.length * 2; tries++) {
    const people = [person, helper()] as const
    const opened = readOpened(people, await askOpen(port, { people }))
    if (opened) masks.push(opened.masks[0])
  }
  return masks
}

function countDoubt(report: Report, { isSure }: Opened): void {
  report.count(`sessions opened without a replica, ${isSure ? 'acknowledged' : 'with a doubt in the reply'}`)
}
