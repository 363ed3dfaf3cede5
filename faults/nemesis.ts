/** One fault after the other, and how long it takes until calls of sessions connect again. */
import { setTimeout as sleep } from 'node:timers/promises'
import { readAnswer } from './answer-xml.js'
import { askAnswer } from './api.js'
import { callStatically } from './callers.js'
import { between, LIGHTHOUSE, pick } from './people.js'
import type { Service } from './processes.js'
import type { Report } from './report.js'
import { openSpan, type World } from './world.js'

export const SLOW_RECOVERY = 'recoveries that took too long'

/** What happens to the store, and how long an instance may need afterwards. */
export interface Fault {
  readonly name: string
  /** Milliseconds. */
  readonly limitMs: number
  /** Resolves when the instances may begin to recover, but for what is mended. */
  readonly strike: () => Promise<void>
  readonly mend?: () => Promise<void>
  /** Makes all as it was, once calls connect again. */
  readonly heal?: () => Promise<void>
}

/** After how many faults of the store an instance is killed. */
const FAULTS_PER_INSTANCE = 4
const RECOVERY_WATCH_MS = 10_000
const POLL_MS = 50

export interface Struck {
  readonly world: World
  readonly faults: readonly Fault[]
  readonly report: Report
  /** The number on which a session is always open. */
  readonly lighthouse: string
}

/** Strikes until it is told to stop. Now and then an instance is killed as well. */
export async function strike(struck: Struck, isOver: () => boolean): Promise<void> {
  const { faults } = struck
  for (let i = 0; !isOver(); i++) {
    const fault = faults[i % faults.length] as Fault
    await Promise.all([strikeStore(struck, fault), sleep(between(5_000, 6_500))])
    if (i % FAULTS_PER_INSTANCE === 1 && !isOver()) await strikeInstance(struck)
  }
}

async function strikeStore({ world, report, lighthouse }: Struck, fault: Fault): Promise<void> {
  const end = openSpan(world.outages)
  const pair = setInterval(() => {
    for (const { port } of world.instances) callStatically(world, port, report)
  }, 200)
  await fault.strike()
  clearInterval(pair)
  await fault.mend?.()
  end()
  report.count(`faults: ${fault.name}`)
  const recoveries = world.instances.map(async (instance) => {
    const back = Date.now()
    const time = await timeToConnect(instance, lighthouse)
    // Requests also pass through this process, which is the proxy.
    const pids = [instance.pid, process.pid, ...world.topology.pids()]
    const forgiven = world.starvation.between(pids, back, back + time)
    report.largest(`slowest recovery after: ${fault.name}, ms`, time - forgiven)
    report.largest('slowest recovery with all waiting for a processor, ms', time)
    if (time - forgiven <= fault.limitMs) return
    report.count(SLOW_RECOVERY)
    report.note(
      `${fault.name}: ${Math.round(time)} ms to connect a call again, ${Math.round(forgiven)} of them starved`,
    )
  })
  await Promise.all(recoveries)
  await fault.heal?.()
}

async function strikeInstance({ world, report }: Struck): Promise<void> {
  const instance = pick(world.instances)
  const end = openSpan(world.gone)
  await instance.kill()
  await sleep(between(0, 1_000))
  await instance.start()
  end()
  report.count('faults: an instance is killed')
}

/** Milliseconds until the first call of a session connects, asked for every 50 ms. */
function timeToConnect({ port }: Service, lighthouse: string): Promise<number> {
  const begun = performance.now()
  return new Promise((resolve) => {
    const poll = async () => {
      const { text, ended } = await askAnswer(port, LIGHTHOUSE[0], lighthouse)
      if (readAnswer(text)?.kind === 'connect') done(ended - begun)
    }
    const timer = setInterval(poll, POLL_MS)
    const limit = setTimeout(() => done(RECOVERY_WATCH_MS), RECOVERY_WATCH_MS)
    function done(time: number): void {
      clearInterval(timer)
      clearTimeout(limit)
      resolve(time)
    }
    poll()
  })
}
