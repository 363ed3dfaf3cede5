/** F5: one create that reaches all instances of a cluster at the same time. */
import { setTimeout as sleep } from 'node:timers/promises'
import { type Fleet, startFleet } from '../fleet.js'
import { createHoldings, type Holding, type Holdings } from '../holdings.js'
import type { Answered } from '../http.js'
import { POOL, pick, someone } from '../people.js'
import { createReport, type Report } from '../report.js'
import { askClose, askOpen, eachOf, readOpened } from '../sessions.js'
import { startCluster } from '../topologies/cluster.js'

const REFUSED =
  'requests that were refused while a number was free, though another one for the same create got it'
const EXPLAINED =
  'requests that were refused while all numbers were taken, though another one got a session later'
const LEFT = 'creates of people who have all numbers free that nobody got'
const TWO = 'creates with more than one session'

/** People who meet so often that their numbers are scarce. */
const BUSY_PEOPLE = 12
const FEW_NUMBERS = POOL.slice(0, 3)
const AT_ONCE = 10
/** Milliseconds by which one request may be later than another. */
const MAX_LATER_MS = 4
const REST_SECONDS = 1
/** Milliseconds by which the store's time that an instance measured may be off. */
const CLOCK_ERROR_MS = 200

interface World {
  readonly fleet: Fleet
  readonly holdings: Holdings
  readonly report: Report
}

/** A request that was refused though another one for the same create got a session. */
interface Refusal {
  readonly answered: Answered
  readonly holding: Holding
}

/** @param clocks by how many milliseconds each instance's clock is from the true one */
export async function runSameCreates(creates: number, clocks: readonly number[]): Promise<boolean> {
  const apart = clocks.map((ms) => ms / 1_000).join(', ')
  const report = createReport(
    `F5: ${creates} creates, each sent at once to three instances of a cluster with clocks ${apart} s off`,
  )
  for (const what of [REFUSED, LEFT, TWO]) report.demand(what)
  const topology = await startCluster()
  const fleet = await startFleet({
    storeUrl: topology.storeUrl,
    clocks,
    pool: FEW_NUMBERS,
    rest: REST_SECONDS,
  })
  const world = { fleet, holdings: createHoldings(), report }
  const numbers = Array.from({ length: creates / 2 }, (_, i) => i)

  const refusals: (readonly Refusal[])[] = []
  for (const i of numbers) {
    const people = [someone(1_000 + i * 2), someone(1_001 + i * 2)] as const
    const { id, refused } = await createAtAll(world, people, `fresh ${i}`)
    refusals.push(refused)
    if (id === undefined) report.count(LEFT)
  }
  await eachOf(numbers, AT_ONCE, async (i) => {
    const person = someone(i % BUSY_PEOPLE)
    const people = [person, someone(BUSY_PEOPLE + Math.floor(Math.random() * BUSY_PEOPLE))] as const
    refusals.push(await createAndClose(world, people, `busy ${i}`))
  })
  for (const refused of refusals) countRefusals(world, refused)
  await fleet.end()
  await topology.end()
  return report.print()
}

async function createAndClose(
  world: World,
  people: readonly [string, string],
  key: string,
): Promise<readonly Refusal[]> {
  const { id, holding, isDefinite, refused } = await createAtAll(world, people, key)
  const closed = id === undefined || (await askClose(pick(world.fleet.instances).port, id)).isAcknowledged
  if (isDefinite && closed) holding.end(id === undefined ? 0 : REST_SECONDS * 1_000 + CLOCK_ERROR_MS)
  return refused
}

interface Created {
  /** The session, where somebody got it. */
  readonly id: string | undefined
  /** Whether all replies were definite. */
  readonly isDefinite: boolean
  readonly holding: Holding
  readonly refused: readonly Refusal[]
}

async function createAtAll(
  { fleet, holdings, report }: World,
  people: readonly [string, string],
  key: string,
): Promise<Created> {
  const holding = holdings.begin(people)
  const answers = await Promise.all(
    fleet.instances.map(async ({ port }) => {
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
  if (new Set(ids).size > 1) report.count(TWO)
  return {
    id: ids[0],
    isDefinite: answers.every(({ status }) => status > 0 && status < 500),
    holding,
    refused: ids.length > 0 ? refused.map((answered) => ({ answered, holding })) : [],
  }
}

/** @param refused all that were refused of one create that somebody got */
function countRefusals(world: World, refused: readonly Refusal[]): void {
  const { report, fleet } = world
  // Who finds no number ends what the others have begun: until they give it back, what they claimed is not free for them either.
  const isEnded = refused.some((refusal) => isExplained(world, refusal, 0))
  const claimed = isEnded ? fleet.instances.length - 1 : 0
  for (const refusal of refused) report.count(isExplained(world, refusal, claimed) ? EXPLAINED : REFUSED)
}

/**
 * Whether the person may have had no number free at some moment of the request: others held or had just had them all.
 *
 * @param claimed how many numbers other requests for the same create may have had
 */
function isExplained({ holdings }: World, { answered, holding }: Refusal, claimed: number): boolean {
  const { status, text, begun, ended } = answered
  if (status !== 409 || codeIn(text) !== 'pool_exhausted') return false
  const person = holding.people[JSON.parse(text).participant as 0 | 1]
  return holdings.most(person, { from: begun, until: ended, but: holding }) + claimed >= FEW_NUMBERS.length
}

function codeIn(text: string): string {
  return /"code":"([^"]*)"/.exec(text)?.[1] ?? ''
}
