/** Replies of the store get lost, so creates are repeated. None may open two sessions or leave a number taken. */
import { setTimeout as sleep } from 'node:timers/promises'
import { callApi } from '../api.js'
import { type Fleet, type Instance, startFleet } from '../fleet.js'
import { pick, someone } from '../people.js'
import { createReport, type Report } from '../report.js'
import { askClose, askOpen, eachOf, openSurely, readOpened } from '../sessions.js'
import { startOneServer } from '../topologies/one-server.js'

const ANOTHER = 'repeated creates that got another session'
const UNTOLD = 'sessions in the list that nobody was told of'
const UNLISTED = 'sessions that were acknowledged and are not in the list'
const REFUSED = 'creates that were refused'
const STAYS_TAKEN = 'numbers that a person cannot get though all is closed'

const INSTANCES = 3
const REPLY_LOSS = 0.04
const POOL = Array.from({ length: 24 }, (_, i) => String(919_000_000_201 + i))
const BUSY = 20
const OTHERS = 10
const AT_ONCE = 60
const RETRY_MS = 300
const MAX_ATTEMPTS = 100
const LIST_PAGE = 200
/** Seconds. */
const REST = 1
/** Milliseconds after which what a request that was given up has taken is free again. */
const ABANDONED_MS = 65_000

/** Takes more than a minute, after which what was given up is free. */
export async function runRetriedCreates(): Promise<boolean> {
  const wanted = Array.from({ length: BUSY * OTHERS }, (_, i) => ({
    key: `wanted ${i}`,
    people: [someone(i % BUSY), someone(1_000 + Math.floor(i / BUSY))] as const,
  }))
  const report = createReport(`${wanted.length} creates whose replies get lost`)
  for (const what of [ANOTHER, UNTOLD, UNLISTED, REFUSED, STAYS_TAKEN]) report.demand(what)
  const topology = await startOneServer()
  const fleet = await startFleet({
    storeUrl: topology.storeUrl,
    clocks: Array.from({ length: INSTANCES }, () => 0),
    pool: POOL,
    rest: REST,
  })
  const [{ port }] = fleet.instances as [Instance]
  topology.proxy.setReplyLoss(REPLY_LOSS)
  const told = new Map<string, string>()
  await eachOf(wanted, AT_ONCE, async ({ key, people }) => {
    for (let attempt = 1; attempt < MAX_ATTEMPTS; attempt++) {
      const answered = await askOpen(pick(fleet.instances).port, { people, key })
      const opened = readOpened(people, answered)
      if (opened) told.set(key, opened.id)
      report.largest('most attempts of one create', attempt)
      if (answered.status > 0 && answered.status < 500) break
      await sleep(RETRY_MS)
    }
  })
  topology.proxy.setReplyLoss(0)
  report.count(REFUSED, wanted.length - told.size)
  await eachOf(wanted, AT_ONCE / INSTANCES, async ({ key, people }) => {
    const again = await openSurely(port, { people, key })
    if (told.has(key) && again.id !== told.get(key)) report.count(ANOTHER)
  })
  const ids = await idsOf(port)
  const [listed, acknowledged] = [new Set(ids), new Set(told.values())]
  report.count('sessions in the list', listed.size)
  report.count(UNTOLD, ids.filter((id) => !acknowledged.has(id)).length)
  report.count(UNLISTED, [...acknowledged].filter((id) => !listed.has(id)).length)

  await eachOf([...new Set([...ids, ...acknowledged])], AT_ONCE / INSTANCES, (id) => askClose(port, id))
  await sleep(ABANDONED_MS)
  for (let busy = 0; busy < BUSY; busy++) await takeAllNumbers(fleet, busy, report)
  await fleet.end()
  await topology.end()
  return report.print()
}

async function idsOf(port: number): Promise<string[]> {
  const ids: string[] = []
  for (let cursor: string | null = ''; cursor !== null; ) {
    const position: string = cursor && `&cursor=${cursor}`
    const { text } = await callApi(port, 'GET', `/v1/sessions?limit=${LIST_PAGE}${position}`)
    const page: { sessions: { id: string }[]; next_cursor: string | null } = JSON.parse(text)
    ids.push(...page.sessions.map(({ id }) => id))
    cursor = page.next_cursor
  }
  return ids
}

/** A person must be able to get every number of the pool. */
async function takeAllNumbers({ instances }: Fleet, busy: number, report: Report): Promise<void> {
  const [{ port }] = instances as [Instance]
  await eachOf(POOL, 4, async (number) => {
    const people = [someone(busy), someone(10_000 + busy * POOL.length + POOL.indexOf(number))] as const
    const opened = readOpened(people, await askOpen(port, { people }))
    report.count(opened ? 'sessions opened to take all numbers' : STAYS_TAKEN)
  })
}
