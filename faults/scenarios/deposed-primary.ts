/** F3: an instance that reaches only a primary that is none any more. */
import { setTimeout as sleep } from 'node:timers/promises'
import { callApi } from '../api.js'
import { APART, type Instance, startFleet } from '../fleet.js'
import { LIGHTHOUSE, someone } from '../people.js'
import { SERVERS_ADDRESS } from '../processes.js'
import { createReport } from '../report.js'
import { askOpen, callIn, type Opened, openSurely, readOpened } from '../sessions.js'
import { type Sentinels, startSentinels, type WatchedServer } from '../topologies/sentinels.js'
import { confirmAll } from '../topologies/topology.js'

const LATE = 'calls that connected more than 3 s after the promotion'
const NO_APOLOGY = 'calls after that which got no apology'
const LOST = 'sessions that were acknowledged without a doubt, and are lost'

/** A primary that no replica follows takes no more writes. */
const WANTS_REPLICA = ['--min-replicas-to-write', '1', '--min-replicas-max-lag', '2']
const LIMIT_MS = 3_000
const POLL_MS = 100

export interface Cut {
  /** Milliseconds that it lasts after the promotion. */
  readonly lastsMs: number
  /** Whom the instance reaches besides the deposed primary. */
  readonly reaches: 'the sentinels' | 'nobody'
}

export async function runDeposedPrimary({ lastsMs, reaches }: Cut): Promise<boolean> {
  const report = createReport(`F3: an instance that reaches a deposed primary and ${reaches} else`)
  for (const what of [LATE, NO_APOLOGY, LOST]) report.demand(what)
  const topology = await startSentinels({ replicas: 2, options: WANTS_REPLICA })
  const fleet = await startFleet({ storeUrl: topology.storeUrl, clocks: APART })
  const [alone, ...others] = fleet.instances as [Instance, ...Instance[]]
  const session = await openSurely(alone.port, { people: LIGHTHOUSE })
  const deposed = await topology.primary()
  await confirmAll(deposed)

  cut(topology, deposed, alone, others)
  if (reaches === 'nobody')
    for (const { gateway } of topology.sentinels) gateway.setWeather('black-hole', alone.address)
  const cutAt = performance.now()
  const calls: { readonly at: number; readonly kind: string | undefined }[] = []
  const opened: Opened[] = []
  let isOver = false
  const working = [
    (async () => {
      while (!isOver) {
        const at = performance.now()
        calls.push({ at, kind: await callIn(alone.port, session) })
        await sleep(POLL_MS)
      }
    })(),
    (async () => {
      for (let n = 0; !isOver; n += 2) {
        const people = [someone(n), someone(n + 1)] as const
        const acknowledged = readOpened(people, await askOpen(alone.port, { people }))
        if (acknowledged) opened.push(acknowledged)
        await sleep(POLL_MS)
      }
    })(),
  ]
  const { namedAt } = await topology.promotion(deposed)
  report.largest('from the cut until a sentinel names another primary, ms', namedAt - cutAt)
  await sleep(lastsMs)
  isOver = true
  await Promise.all(working)

  const last = calls.findLast(({ kind }) => kind === 'connect')?.at ?? cutAt
  report.largest('last call that connected, ms after the cut', last - cutAt)
  report.largest('last call that connected, ms after the promotion', Math.max(0, last - namedAt))
  const late = calls.filter(({ at }) => at > namedAt + LIMIT_MS)
  report.count('calls in the cut', calls.length)
  report.count(LATE, late.filter(({ kind }) => kind === 'connect').length)
  report.count(NO_APOLOGY, late.filter(({ kind }) => kind !== 'apology' && kind !== 'connect').length)

  for (const { gateway } of [...topology.servers, ...topology.sentinels]) {
    gateway.setWeather('clear')
    gateway.dropAll()
  }
  await topology.whole()
  await openSurely(alone.port, { people: [someone(90_000), someone(90_001)] })
  report.count('sessions acknowledged in the cut', opened.length)
  for (const { id, isSure } of opened) {
    const { status } = await callApi(alone.port, 'GET', `/v1/sessions/${id}`)
    if (status !== 404) continue
    report.count(isSure ? LOST : 'sessions that were lost, as their reply said they could be')
  }
  await fleet.end()
  await topology.end()
  return report.print()
}

/** One instance reaches the primary, and nobody else does: no server, no sentinel, no other instance. */
function cut(
  { servers }: Sentinels,
  deposed: WatchedServer,
  alone: Instance,
  others: readonly Instance[],
): void {
  for (const address of [SERVERS_ADDRESS, ...others.map((other) => other.address)])
    deposed.gateway.setWeather('black-hole', address)
  for (const { gateway } of servers)
    if (gateway !== deposed.gateway) gateway.setWeather('black-hole', alone.address)
}
