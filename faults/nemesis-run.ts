/** Many callers and a business, while everything around the instances fails in turn. */
import { setTimeout as sleep } from 'node:timers/promises'
import { AT_REST, judgeAtRest } from './at-rest.js'
import {
  API_ERROR,
  API_LEAK,
  type Business,
  keepWorking,
  LOST,
  openSession,
  TWINS,
  UNRESOLVED,
} from './business.js'
import { INVALID_REPLY, keepCalling, LEAK, STATIC_LOST } from './callers.js'
import { type History, judge, type Fault as WrongCall } from './history.js'
import { DOUBLE, judgeInventory, KEY_TWICE, MISSING, STILL_OPEN, UNKNOWN, WRONG_VIEW } from './inventory.js'
import { judgeLog, LOG_ERROR, LOG_LEAK, SLOW_ANSWER } from './logs.js'
import { type Fault, SLOW_RECOVERY, strike } from './nemesis.js'
import { LIGHTHOUSE, realNumbersIn } from './people.js'
import { createReport, type Report } from './report.js'
import type { Topology } from './topologies/topology.js'
import { startWorld } from './world.js'

const CALLERS = 10
const CLERKS = 8
/** Time for requests that are still being retried to get a reply once the faults are over. */
const RESOLVE_MS = 15_000
const QUIET_MS = 2_000
export const NEMESIS_EXTRA_SECONDS = 60

const FAULT_NAMES: Readonly<Record<WrongCall, string>> = {
  closed: 'bridges after an acknowledged close',
  expired: 'bridges after the expiry',
  replaced: 'bridges to or of somebody replaced, after the acknowledgement',
  misroute: 'misroutes: a destination or caller ID that no session has',
  refused: 'refusals of a caller whose session was open',
}

const DEMANDS = [
  ...Object.values(FAULT_NAMES),
  LEAK,
  AT_REST,
  API_LEAK,
  INVALID_REPLY,
  SLOW_ANSWER,
  LOG_LEAK,
  STATIC_LOST,
  SLOW_RECOVERY,
  DOUBLE,
  KEY_TWICE,
  UNKNOWN,
  MISSING,
  STILL_OPEN,
  WRONG_VIEW,
  LOST,
  TWINS,
  API_ERROR,
  UNRESOLVED,
  LOG_ERROR,
]

const TIMES: readonly string[] = [SLOW_ANSWER, SLOW_RECOVERY]

export interface Nemesis<Store extends Topology> {
  readonly start: () => Promise<Store>
  readonly faultsOf: (topology: Store) => readonly Fault[]
  /** Of each instance, in milliseconds from the true time. */
  readonly clocks: readonly number[]
  readonly seconds: number
}

export async function runNemesis<Store extends Topology>({
  start,
  faultsOf,
  clocks,
  seconds,
}: Nemesis<Store>): Promise<boolean> {
  const topology = await start()
  const report = createReport(`Three instances on ${topology.name} under faults for ${seconds} s`)
  for (const what of DEMANDS) {
    if (TIMES.includes(what)) report.demandTime(what)
    else report.demand(what)
  }
  const world = await startWorld(topology, clocks)
  const history: History = { sessions: [], calls: [] }
  let isOver = false
  let isLate = false
  const business: Business = { world, history, report, isOver: () => isOver, isLate: () => isLate }
  const lighthouse = await openSession(business, LIGHTHOUSE)
  if (!lighthouse) throw new Error('no session can be opened')
  lighthouse.busy = true

  const load = [
    ...Array.from({ length: CALLERS }, () => keepCalling(world, history, report, () => isOver)),
    ...Array.from({ length: CLERKS }, () => keepWorking(business)),
  ]
  const end = performance.now() + seconds * 1_000
  await sleep(2_000)
  // A fault and the recovery from it take some seconds.
  const struck = { world, faults: faultsOf(topology), report, lighthouse: lighthouse.masks[0] }
  await strike(struck, () => performance.now() > end - 6_000)
  await sleep(Math.max(0, end - performance.now()))

  isOver = true
  const late = setTimeout(() => {
    isLate = true
  }, RESOLVE_MS)
  await Promise.all(load)
  clearTimeout(late)
  await sleep(QUIET_MS)
  await judgeInventory(world, history, report)
  judgeCalls(history, report)
  await judgeAtRest(topology, report)
  for (const instance of world.instances) judgeLog(instance, world.starvation, report)
  await world.end()
  return report.print()
}

function judgeCalls(history: History, report: Report): void {
  for (const { call, fault } of judge(history)) {
    report.count(FAULT_NAMES[fault])
    const { told, begun, ended, dialled } = call
    if (told.kind === 'connect' && realNumbersIn(told.destination).length > 0) report.count(LEAK)
    report.note(`${fault}: …${call.caller.slice(-2)} on ${dialled}, ${begun.toFixed()} to ${ended.toFixed()}`)
  }
}
