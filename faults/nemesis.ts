/** One fault after the other, and how long it takes until calls of sessions connect again. */
import { setTimeout as sleep } from 'node:timers/promises'
import { readAnswer } from './answer-xml.js'
import { callStatically } from './callers.js'
import { between, LIGHTHOUSE, pick } from './people.js'
import type { Service } from './processes.js'
import type { Report } from './report.js'
import { askAnswer, openSpan, type World } from './world.js'

export const SLOW_RECOVERY = 'recoveries that took too long'

/** What happens to the store, and how long an instance may need afterwards. */
interface Fault {
  readonly name: string
  readonly limitMs: number
  readonly strike: (world: World) => Promise<void>
  readonly mend: (world: World) => Promise<void>
}

const QUICKLY_MS = 1_000
/** A connection without answers has to be given up first. */
const AFTER_SILENCE_MS = 3_000
const RECOVERY_WATCH_MS = 10_000
const POLL_MS = 50

const weather = (name: 'black-hole' | 'mute' | 'late', limitMs: number, told: string): Fault => ({
  name: told,
  limitMs,
  async strike({ proxy }) {
    proxy.setWeather(name)
    await sleep(3_000)
  },
  async mend({ proxy }) {
    proxy.setWeather('clear')
  },
})

const FAULTS: readonly Fault[] = [
  {
    name: 'the store stands still',
    limitMs: QUICKLY_MS,
    async strike({ redis }) {
      redis.signal('SIGSTOP')
      await sleep(between(2_000, 4_000))
    },
    async mend({ redis }) {
      redis.signal('SIGCONT')
    },
  },
  {
    name: 'the store is killed',
    limitMs: QUICKLY_MS,
    async strike({ redis }) {
      await redis.kill()
      await sleep(between(0, 1_500))
    },
    mend: ({ redis }) => redis.start(),
  },
  weather('late', AFTER_SILENCE_MS, 'requests are delivered late'),
  weather('black-hole', AFTER_SILENCE_MS, 'everything is swallowed'),
  {
    name: 'connections are not accepted',
    limitMs: AFTER_SILENCE_MS,
    async strike({ proxy }) {
      await proxy.ignore()
      await sleep(3_000)
    },
    mend: ({ proxy }) => proxy.accept(),
  },
  weather('mute', AFTER_SILENCE_MS, 'replies are swallowed'),
  {
    name: 'connections are refused',
    limitMs: QUICKLY_MS,
    async strike({ proxy }) {
      await proxy.refuse()
      await sleep(2_000)
    },
    mend: ({ proxy }) => proxy.accept(),
  },
]

export interface Struck {
  readonly world: World
  readonly report: Report
  /** The number on which a session is always open. */
  readonly lighthouse: string
}

/** Strikes until it is told to stop. After each round of all faults an instance is killed as well. */
export async function strike(struck: Struck, isOver: () => boolean): Promise<void> {
  while (!isOver()) {
    for (const fault of FAULTS) {
      if (isOver()) return
      await Promise.all([strikeStore(struck, fault), sleep(between(5_000, 6_500))])
      if (isOver()) return
      if (fault === FAULTS[1] || fault === FAULTS[5]) await strikeInstance(struck)
    }
  }
}

async function strikeStore({ world, report, lighthouse }: Struck, fault: Fault): Promise<void> {
  const end = openSpan(world.outages)
  const pair = setInterval(() => {
    for (const { port } of world.instances) callStatically(world, port, report)
  }, 200)
  await fault.strike(world)
  clearInterval(pair)
  await fault.mend(world)
  end()
  report.count(`faults: ${fault.name}`)
  const recoveries = world.instances.map(async (instance) => {
    const back = Date.now()
    const time = await timeToConnect(instance, lighthouse)
    // Requests also pass through this process, which is the proxy.
    const pids = [instance.pid, process.pid, world.redis.pid]
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
