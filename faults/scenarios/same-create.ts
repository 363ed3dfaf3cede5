/** F5: one create that reaches all instances of a cluster at the same time. */
import { setTimeout as sleep } from 'node:timers/promises'
import { callApi } from '../api.js'
import { type Fleet, startFleet } from '../fleet.js'
import { POOL, pick, someone } from '../people.js'
import { createReport, type Report } from '../report.js'
import { askOpen, eachOf, readOpened } from '../sessions.js'
import { startCluster } from '../topologies/cluster.js'

const REFUSED = 'requests that were refused though another one for the same create got the session'
const LEFT = 'creates of people who have all numbers free that nobody got'
const TWO = 'creates with more than one session'

/** People who meet so often that their numbers are scarce. */
const BUSY_PEOPLE = 12
const FEW_NUMBERS = POOL.slice(0, 3)
const AT_ONCE = 10
/** Milliseconds by which one request may be later than another. */
const MAX_LATER_MS = 4

/** @param clocks by how many milliseconds each instance's clock is from the true one */
export async function runSameCreates(creates: number, clocks: readonly number[]): Promise<boolean> {
  const apart = clocks.map((ms) => ms / 1_000).join(', ')
  const report = createReport(
    `F5: ${creates} creates, each sent at once to three instances of a cluster with clocks ${apart} s off`,
  )
  for (const what of [REFUSED, LEFT, TWO]) report.demand(what)
  const topology = await startCluster()
  const fleet = await startFleet({ storeUrl: topology.storeUrl, clocks, pool: FEW_NUMBERS })
  const numbers = Array.from({ length: creates / 2 }, (_, i) => i)

  for (const i of numbers) {
    const people = [someone(1_000 + i * 2), someone(1_001 + i * 2)] as const
    const id = await createAtAll(fleet, people, `fresh ${i}`, report)
    if (id === undefined) report.count(LEFT)
  }
  await eachOf(numbers, AT_ONCE, async (i) => {
    const person = someone(i % BUSY_PEOPLE)
    const people = [person, someone(BUSY_PEOPLE + Math.floor(Math.random() * BUSY_PEOPLE))] as const
    const id = await createAtAll(fleet, people, `busy ${i}`, report)
    if (id !== undefined) await callApi(pick(fleet.instances).port, 'POST', `/v1/sessions/${id}/close`)
  })
  await fleet.end()
  await topology.end()
  return report.print()
}

/** The session, where somebody got it. */
async function createAtAll(
  { instances }: Fleet,
  people: readonly [string, string],
  key: string,
  report: Report,
): Promise<string | undefined> {
  const answers = await Promise.all(
    instances.map(async ({ port }) => {
      await sleep(Math.random() * MAX_LATER_MS)
      return askOpen(port, { people, key })
    }),
  )
  const ids = answers.flatMap((answered) => readOpened(people, answered)?.id ?? [])
  report.count('creates')
  for (const { status, text } of answers)
    if (status >= 300) report.count(`requests that got ${status} ${codeIn(text)}`)
  // Whoever got 503 does not know, and gets the session by asking again.
  const refused = answers.filter(({ status }) => status >= 300 && status < 500)
  if (ids.length > 0) report.count(REFUSED, refused.length)
  if (new Set(ids).size > 1) report.count(TWO)
  return ids[0]
}

function codeIn(text: string): string {
  return /"code":"([^"]*)"/.exec(text)?.[1] ?? ''
}
