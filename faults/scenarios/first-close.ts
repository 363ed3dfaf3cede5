/** F7: the first close after the replica was lost. */
import { type Instance, startFleet } from '../fleet.js'
import { someone } from '../people.js'
import { createReport } from '../report.js'
import { closeSurely, openSurely } from '../sessions.js'
import { startPair } from '../topologies/pair.js'
import { eventually } from '../topologies/topology.js'

const DURABLE = 'closes reported durable that no replica has'
const NOT_CLOSED = 'closes that were not acknowledged'

/** @param rounds pairs of servers, of which each second one does not know yet that its replica hears nothing */
export async function runFirstCloses(rounds: number): Promise<boolean> {
  const report = createReport('F7: the first close after the replica was lost')
  for (const what of [DURABLE, NOT_CLOSED]) report.demand(what)
  for (let round = 0; round < rounds; round++) {
    const isNoticed = round % 2 === 0
    const topology = await startPair()
    const fleet = await startFleet({ storeUrl: topology.storeUrl, clocks: [0] })
    const [{ port }] = fleet.instances as [Instance]
    const { id } = await openSurely(port, { people: [someone(0), someone(1)] })
    if (!isNoticed) topology.replication.setWeather('black-hole')
    else {
      await topology.replica.service.kill()
      await eventually('the primary misses its replica', async () =>
        /connected_slaves:0/.test(await topology.primary.client.info('replication')),
      )
    }
    const { isDurable, isAcknowledged } = await closeSurely(port, id)
    report.count(`closes, the loss ${isNoticed ? 'noticed' : 'not noticed'} by the server`)
    if (isDurable) report.count(DURABLE)
    if (!isAcknowledged) report.count(NOT_CLOSED)
    await fleet.end()
    await topology.end()
  }
  return report.print()
}
