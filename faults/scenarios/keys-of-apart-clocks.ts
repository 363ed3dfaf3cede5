/** F6: creates with the same idempotency key at two instances whose clocks are 15 s apart. */
import { setTimeout as sleep } from 'node:timers/promises'
import { type Instance, startFleet } from '../fleet.js'
import { someone } from '../people.js'
import { createReport } from '../report.js'
import { askOpen, readOpened } from '../sessions.js'
import { startOneServer } from '../topologies/one-server.js'

const TWO = 'keys with two sessions'
const NONE = 'keys without a session'
const APART_MS = 15_000
const MAX_LATER_MS = 4

export async function runKeysOfApartClocks(keys: number): Promise<boolean> {
  const report = createReport(`F6: ${keys} idempotency keys, each used by two clocks that are 15 s apart`)
  for (const what of [TWO, NONE]) report.demand(what)
  const topology = await startOneServer()
  const fleet = await startFleet({ storeUrl: topology.storeUrl, clocks: [0, APART_MS] })
  const [here, ahead] = fleet.instances as [Instance, Instance]
  for (let i = 0; i < keys; i++) {
    const opening = { people: [someone(i * 2), someone(i * 2 + 1)], key: `key ${i}` } as const
    const answers = await Promise.all([
      askOpen(here.port, opening),
      sleep(Math.random() * MAX_LATER_MS).then(() => askOpen(ahead.port, opening)),
    ])
    const again = await askOpen(here.port, opening)
    const ids = new Set(
      [...answers, again].flatMap((answered) => readOpened(opening.people, answered)?.id ?? []),
    )
    report.count('keys')
    if (ids.size > 1) report.count(TWO)
    if (ids.size === 0) report.count(NONE)
    report.count(
      'requests that did not get the session',
      answers.filter(({ status }) => status >= 300).length,
    )
  }
  await fleet.end()
  await topology.end()
  return report.print()
}
