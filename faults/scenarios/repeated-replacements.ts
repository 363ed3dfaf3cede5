/** Two instances are asked for the same replacement at the same time, as when a client repeats its request. */
import { callApi } from '../api.js'
import { type Instance, startFleet } from '../fleet.js'
import { POOL, someone } from '../people.js'
import { createReport } from '../report.js'
import { askSurely, openSurely } from '../sessions.js'
import { startOneServer } from '../topologies/one-server.js'

const DEAF = 'people who joined a session and cannot call in it'
const TWICE = 'numbers that were given again to who has them in an open session'
const PEOPLE_OF_ONE = 10
const NUMBERS = POOL.slice(0, 4)

export async function runRepeatedReplacements(sessions: number): Promise<boolean> {
  const report = createReport(`${sessions} replacements, each asked for twice at the same time`)
  for (const what of [DEAF, TWICE]) report.demand(what)
  const topology = await startOneServer()
  const fleet = await startFleet({ storeUrl: topology.storeUrl, clocks: [0, 0], pool: NUMBERS, rest: 0 })
  const [{ port }] = fleet.instances as [Instance]

  for (let i = 0; i < sessions; i++) {
    const person = (k: number) => someone(i * PEOPLE_OF_ONE + k)
    const { id, masks } = await openSurely(port, { people: [person(1), person(2)] })
    const body = { participants: [{ number: `+${person(3)}` }, {}] }
    const replies = await Promise.all(
      fleet.instances.map((instance) => callApi(instance.port, 'PATCH', `/v1/sessions/${id}`, { body })),
    )
    const statuses = replies.map(({ status }) => status)
    if (!statuses.includes(200)) {
      report.count('replacements that nobody acknowledged')
      continue
    }
    const told = await askSurely(port, person(3), masks[0])
    if (told?.kind !== 'connect') {
      report.count(DEAF)
      report.note(`replacement ${i + 1} got ${statuses.join(' and ')}, its caller ${told?.kind ?? 'nothing'}`)
    }
    for (let k = 4; k < 4 + NUMBERS.length - 1; k++) {
      const more = await openSurely(port, { people: [person(3), person(k)] })
      if (more.masks[0] === masks[0]) report.count(TWICE)
    }
  }
  await fleet.end()
  await topology.end()
  return report.print()
}
