/** F8: many closes that no replica has confirmed, and who waits for what is done about them. */
import { setTimeout as sleep } from 'node:timers/promises'
import { type Instance, startFleet } from '../fleet.js'
import { someone } from '../people.js'
import { createReport } from '../report.js'
import { closeSurely, eachOf, median, type Opened, openSurely } from '../sessions.js'
import { startPair } from '../topologies/pair.js'

const SLOWER = 'a median create more than 3 times as slow as before'
const NOT_CLOSED = 'closes that were not acknowledged'
const FACTOR = 3
const AT_ONCE = 16
const MEASURED = 60
/** Milliseconds between two that are measured, so that all together they take longer than a round of the upkeep. */
const PAUSE_MS = 50
/** Milliseconds in which an instance begins to repeat what is pending. */
const BEGIN_MS = 1_500

export async function runPendingCloses(closes: number): Promise<boolean> {
  const report = createReport(`F8: creates while ${closes} closes wait for a replica`)
  report.demandTime(SLOWER)
  report.demand(NOT_CLOSED)
  const topology = await startPair()
  const fleet = await startFleet({ storeUrl: topology.storeUrl, clocks: [0] })
  const [{ port }] = fleet.instances as [Instance]
  let people = 0
  const openOne = () => openSurely(port, { people: [someone(people++), someone(people++)] })

  const opened: Opened[] = []
  await eachOf(Array.from({ length: closes }), AT_ONCE, async () => {
    opened.push(await openOne())
  })
  // While the replica is there, so that the store is known as one with replicas.
  await closeSurely(port, (await openOne()).id)
  const before = await medianCreate(openOne)

  await topology.replica.service.kill()
  await eachOf(opened, AT_ONCE, async ({ id }) => {
    const { isAcknowledged, isDurable } = await closeSurely(port, id)
    if (!isAcknowledged) report.count(NOT_CLOSED)
    else report.count(`closes, ${isDurable ? 'durable' : 'not durable'}`)
  })
  await sleep(BEGIN_MS)
  const after = await medianCreate(openOne)
  report.count('median create before, µs', Math.round(before * 1_000))
  report.count('median create meanwhile, µs', Math.round(after * 1_000))
  if (after > before * FACTOR) report.count(SLOWER)
  await fleet.end()
  await topology.end()
  return report.print()
}

async function medianCreate(openOne: () => Promise<Opened>): Promise<number> {
  const times: number[] = []
  for (let i = 0; i < MEASURED; i++) {
    const { begun, ended } = await openOne()
    times.push(ended - begun)
    await sleep(PAUSE_MS)
  }
  return median(times)
}
