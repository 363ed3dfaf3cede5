/** A store that lost its replica, so that nothing is confirmed and each instance repeats its changes. */
import { setTimeout as sleep } from 'node:timers/promises'
import { callApi } from '../api.js'
import { type Instance, startFleet } from '../fleet.js'
import { LIGHTHOUSE, someone } from '../people.js'
import { createReport } from '../report.js'
import { askClose, askSurely, openSurely } from '../sessions.js'
import { startPair } from '../topologies/pair.js'

const UNDONE = 'acknowledged replacements that another instance undid'
const NOT_DONE = 'replacements that were not acknowledged'
/** Milliseconds in which each instance has repeated its changes. */
const REPEATED_MS = 3_000

export async function runLostReplica(rounds: number): Promise<boolean> {
  const report = createReport('Changes at two instances of a store without its replica')
  for (const what of [UNDONE, NOT_DONE]) report.demand(what)
  const topology = await startPair()
  const fleet = await startFleet({ storeUrl: topology.storeUrl, clocks: [0, 0] })
  const [older, newer] = fleet.instances as [Instance, Instance]
  // While the replica is there, so that the store is known as one with replicas.
  const known = await openSurely(newer.port, { people: [someone(0), someone(1)] })
  await askClose(newer.port, known.id)
  await topology.replica.service.kill()

  for (let round = 0; round < rounds; round++) {
    const { id, masks } = await openSurely(newer.port, { people: LIGHTHOUSE })
    const [first, second] = [someone(10 + round * 2), someone(11 + round * 2)]
    for (const [{ port }, person] of [
      [older, first],
      [newer, second],
    ] as const) {
      const body = { participants: [{ number: `+${person}` }, {}], allow_short_rest: true }
      const { status } = await callApi(port, 'PATCH', `/v1/sessions/${id}`, { body })
      if (status !== 200 && status !== 202) report.count(NOT_DONE)
    }
    await sleep(REPEATED_MS)
    const told = await askSurely(newer.port, LIGHTHOUSE[1], masks[1])
    report.count('replacements of somebody who was just replaced')
    if (told?.kind !== 'connect' || told.destination !== second) {
      report.count(UNDONE)
      report.note(`what was heard in round ${round + 1}: ${told?.kind ?? 'nothing'}`)
    }
    await askClose(newer.port, id)
  }
  await fleet.end()
  await topology.end()
  return report.print()
}
