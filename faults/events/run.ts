/** A business that has to be told, while instances and the store die and most of its endpoints are in trouble. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { CERTIFICATE } from '../../test/hook-server.js'
import { AT_REST, judgeAtRest } from '../at-rest.js'
import { type Instance, startFleet } from '../fleet.js'
import { judgeLog, LOG_ERROR, LOG_LEAK, SLOW_ANSWER } from '../logs.js'
import { DIRECTORY } from '../processes.js'
import { createReport } from '../report.js'
import type { Opened } from '../sessions.js'
import { watchStarvation } from '../starvation.js'
import type { Topology } from '../topologies/topology.js'
import { addEndpoints } from './endpoints.js'
import { DEMANDS, HELD_UP, judge, untilTold } from './judge.js'
import { type StoreFault, strike } from './strikes.js'
import { keepCalling, keepWriting, type Writing } from './writing.js'

const CLERKS = 4
const CALLERS = 3
/** Seconds after which another instance goes on for one that was killed, and after which two retries have come. */
const HAND_OVER_SECONDS = 60
const RETRY_SECONDS = 45
const SLACK_SECONDS = 15
/** How long one of the endpoints answers 500, so that two retries bring it what it did not take. */
const FAILING_SECONDS = 25

export interface Events<Store extends Topology> {
  readonly start: () => Promise<Store>
  readonly faultsOf: (topology: Store) => readonly StoreFault[]
  /** Of each instance, in milliseconds from the true time. */
  readonly clocks: readonly number[]
  /** Seconds in which only the endpoints are in trouble, and in which all else dies too. */
  readonly calm: number
  readonly faults: number
  /** By how much sooner the telling of events goes on after a failure than it is built to. */
  readonly quicker: number
}

export async function runEvents<Store extends Topology>(options: Events<Store>): Promise<boolean> {
  const { start, faultsOf, clocks, calm, faults, quicker } = options
  const topology = await start()
  const pace = quicker === 1 ? '' : `, retried ${quicker} times sooner`
  const report = createReport(`Events told on ${topology.name} for ${calm + faults} s${pace}`)
  for (const what of [...DEMANDS, AT_REST, LOG_LEAK, LOG_ERROR]) report.demand(what)
  for (const what of [HELD_UP, SLOW_ANSWER]) report.demandTime(what)

  const [firstClock = 0, ...otherClocks] = clocks
  const fleet = await startFleet({
    storeUrl: topology.storeUrl,
    clocks: [firstClock],
    ...deliveringIn(quicker),
  })
  // The first one sends to all endpoints, for as long as it lives.
  const instances = [...fleet.instances]
  const [first] = instances as [Instance]
  const pids = () => [process.pid, ...topology.pids(), ...instances.map(({ pid }) => pid)]
  const starvation = watchStarvation(pids)
  const endpoints = await addEndpoints(first.port)
  setTimeout(endpoints.mend, (FAILING_SECONDS * 1_000) / quicker)

  const writing: Writing = {
    instances,
    report,
    acknowledged: [],
    calls: [],
    onAcknowledged: new Map(),
    open: new Set<Opened>(),
    people: 0,
    isOver: false,
  }
  const load = [
    ...Array.from({ length: CLERKS }, () => keepWriting(writing)),
    ...Array.from({ length: CALLERS }, () => keepCalling(writing)),
  ]
  const calmFrom = Date.now()
  const others = Promise.all(otherClocks.map(fleet.add))
  await sleep(calm * 1_000)
  const calmUntil = Date.now()
  instances.push(...(await others))
  const end = performance.now() + faults * 1_000
  const isOver = () => performance.now() > end
  const deaths = await strike({ writing, storeFaults: faultsOf(topology), isOver })
  await sleep(Math.max(0, end - performance.now()))
  writing.isOver = true
  await Promise.all(load)

  const seconds = (HAND_OVER_SECONDS + RETRY_SECONDS) / quicker + SLACK_SECONDS
  const judged = { writing, endpoints, deaths, calm: { from: calmFrom, until: calmUntil }, starvation, pids }
  report.count('seconds until all was told', await untilTold(judged, seconds))
  await judge(judged)
  await judgeAtRest(topology, report)
  for (const instance of instances) judgeLog(instance, starvation, report)

  starvation.stop()
  await fleet.end()
  await endpoints.end()
  await topology.end()
  return report.print()
}

/** Lets instances send to the endpoints, which are on this machine. */
function deliveringIn(quicker: number) {
  const certificate = join(DIRECTORY, 'endpoints.pem')
  writeFileSync(certificate, CERTIFICATE)
  return {
    preloads: quicker === 1 ? [] : ['quick-deliveries'],
    settings: {
      EVENT_ALLOWED_NETWORKS: '127.0.0.0/8',
      NODE_EXTRA_CA_CERTS: certificate,
      FAULT_QUICKER: String(quicker),
    },
  }
}
