/** F1: a sentinel stands still, and then the primary dies. */
import { setTimeout as sleep } from 'node:timers/promises'
import { APART, startFleet } from '../fleet.js'
import { LIGHTHOUSE } from '../people.js'
import { watchRecovery } from '../recovery.js'
import { createReport, type Report } from '../report.js'
import { openSurely } from '../sessions.js'
import { watchStarvation } from '../starvation.js'
import { type Sentinels, startSentinels } from '../topologies/sentinels.js'
import { confirmAll } from '../topologies/topology.js'

const SLOW = 'instances without calls more than 2 s after the promotion'
const SLOW_FRESH = 'instances started afresh without calls more than 2 s after they listened'
const LIMIT_MS = 2_000
/** In which the detectors of the instances have connected to the new primary. */
const SETTLE_MS = 1_000

/** @param stalled which of the three sentinels stand still, one after the other */
export async function runStalledSentinels(stalled: readonly number[]): Promise<boolean> {
  const report = createReport('F1: a sentinel stands still and the primary dies')
  for (const what of [SLOW, SLOW_FRESH]) report.demandTime(what)
  const topology = await startSentinels()
  const fleet = await startFleet({ storeUrl: topology.storeUrl, clocks: APART })
  const pids = () => [process.pid, ...topology.pids(), ...fleet.instances.map(({ pid }) => pid)]
  const starvation = watchStarvation(pids)
  const [first] = fleet.instances
  const session = await openSurely(Number(first?.port), { people: LIGHTHOUSE })

  for (const index of stalled) {
    const primary = await topology.primary()
    await confirmAll(primary)
    const sentinel = topology.sentinels[index]?.service
    sentinel?.signal('SIGSTOP')
    await primary.service.kill()
    // The sentinels see for themselves, once a second, that a server took the role.
    const { at, namedAt, server } = await topology.promotion(primary)
    report.largest('from the promotion until a sentinel names it, ms', namedAt - at)

    const fresh = startFresh(index)
    await Promise.all(
      fleet.instances.map(async (instance) => {
        const watched = { instance, session, since: namedAt, starvation, pids: [server.service.pid] }
        judge(report, SLOW, `sentinel ${index + 1} of 3`, await watchRecovery(watched))
      }),
    )
    await fresh
    // One that only goes on takes no part in anything for 30 s.
    await sentinel?.kill()
    await sentinel?.start()
    await mend(topology, primary)
    report.count('primaries that died while a sentinel stood still')
  }

  starvation.stop()
  await fleet.end()
  await topology.end()
  return report.print()

  async function startFresh(index: number): Promise<void> {
    const instance = await fleet.add(0)
    const recovery = await watchRecovery({
      instance,
      session,
      since: performance.now(),
      starvation,
      pids: [],
    })
    judge(report, SLOW_FRESH, `fresh, sentinel ${index + 1} of 3`, recovery)
    await instance.kill()
  }
}

async function mend(topology: Sentinels, dead: Sentinels['servers'][number]): Promise<void> {
  await dead.service.start()
  await topology.whole()
  await sleep(SETTLE_MS)
}

function judge(
  report: Report,
  what: string,
  where: string,
  recovery: { ms: number; forgiven: number },
): void {
  const { ms, forgiven } = recovery
  const kind =
    what === SLOW ? 'slowest instance after the promotion, ms' : 'slowest instance started afresh, ms'
  report.largest(kind, ms - forgiven)
  if (ms - forgiven <= LIMIT_MS) return
  report.count(what)
  report.note(`${where}: ${Math.round(ms)} ms, ${Math.round(forgiven)} of them starved`)
}
