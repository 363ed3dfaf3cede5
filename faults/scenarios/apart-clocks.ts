/** F2: instances whose clocks are apart, or step back, and sessions that end. */
import { setTimeout as sleep } from 'node:timers/promises'
import { APART, CLOCK_SET_MS, type Fleet, type Instance, startFleet } from '../fleet.js'
import { someone } from '../people.js'
import { createReport, type Report } from '../report.js'
import { closeSurely, connectionsOf, type Opened, openSurely } from '../sessions.js'
import { startOneServer } from '../topologies/one-server.js'

const AFTER_CLOSE = 'calls that connected after an acknowledged close'
const AFTER_STEP = 'calls that connected after an acknowledged close, when a clock had stepped back'
const AFTER_LATE_CLOSE = 'calls that connected after the close of a session that one clock has as expired'
const AFTER_EXPIRY = 'calls that connected after the expiry'
const TOO_EARLY = 'calls that did not connect before the expiry'
const NOT_CLOSED = 'closes that were not acknowledged'

/** The shortest life of a session, in seconds. */
const LIFE = 60
const STEP_MS = 20_000
/** When, in milliseconds of a session's life, what happens to it. */
const LATE_CLOSE_AT = 45_000
const STEP_AT = 50_000
const STILL_OPEN_AT = 55_000
const TOLERANCE_MS = 250
const CALLS_PER_SESSION = APART.length * 2

export async function runApartClocks(closes: number): Promise<boolean> {
  const report = createReport('F2: clocks that are 20 s apart, and one that steps back')
  for (const what of [AFTER_CLOSE, AFTER_STEP, NOT_CLOSED]) report.demand(what)
  const topology = await startOneServer()
  const fleet = await startFleet({ storeUrl: topology.storeUrl, clocks: APART })
  for (let i = 0; i < closes; i++) {
    await closeAtEach(fleet, report, i)
    await closeAndStepBack(fleet, report, i)
  }
  await fleet.end()
  await topology.end()
  return report.print()
}

/** Takes as long as a session lives. */
export async function runExpiry(): Promise<boolean> {
  const report = createReport('F2: sessions that expire while clocks are 20 s apart, and one steps back')
  for (const what of [AFTER_LATE_CLOSE, AFTER_EXPIRY, TOO_EARLY, NOT_CLOSED]) report.demand(what)
  const topology = await startOneServer()
  const fleet = await startFleet({ storeUrl: topology.storeUrl, clocks: APART })
  const ports = portsOf(fleet)
  const [steady] = fleet.instances as [Instance]
  const begun = performance.now()
  const until = (ms: number) => sleep(Math.max(0, begun + ms - performance.now()))
  const [expiring, closing] = await Promise.all([openAtEach(fleet, 0), openAtEach(fleet, 100)])

  await until(LATE_CLOSE_AT)
  await Promise.all(
    closing.map(async (session, i) => {
      const ahead = fleet.instances[(i + 2) % fleet.instances.length] as Instance
      await closeAt(ahead.port, session, report)
      report.count(AFTER_LATE_CLOSE, await connectionsOf(ports, session))
    }),
  )
  await until(STEP_AT)
  steady.setClock(-STEP_MS)
  await until(STILL_OPEN_AT)
  for (const session of expiring)
    report.count(TOO_EARLY, CALLS_PER_SESSION - (await connectionsOf(ports, session)))
  const lastOpened = Math.max(...expiring.map(({ ended }) => ended))
  await until(lastOpened - begun + LIFE * 1_000 + TOLERANCE_MS)
  for (const session of expiring) {
    report.count('sessions that expired')
    report.count(AFTER_EXPIRY, await connectionsOf(ports, session))
  }
  await fleet.end()
  await topology.end()
  return report.print()
}

function portsOf({ instances }: Fleet): number[] {
  return instances.map(({ port }) => port)
}

function openAtEach({ instances }: Fleet, from: number): Promise<Opened[]> {
  return Promise.all(
    instances.map(({ port }, i) =>
      openSurely(port, { people: [someone(from + i * 2), someone(from + i * 2 + 1)], life: LIFE }),
    ),
  )
}

async function closeAtEach(fleet: Fleet, report: Report, round: number): Promise<void> {
  for (const [i, { port }] of fleet.instances.entries()) {
    const people = [someone(1_000 + round * 10 + i * 2), someone(1_001 + round * 10 + i * 2)] as const
    const session = await openSurely(Number(fleet.instances[0]?.port), { people })
    await closeAt(port, session, report)
    report.count(AFTER_CLOSE, await connectionsOf(portsOf(fleet), session))
  }
}

async function closeAndStepBack(fleet: Fleet, report: Report, round: number): Promise<void> {
  const [steady] = fleet.instances as [Instance]
  const session = await openSurely(steady.port, {
    people: [someone(2_000 + round * 2), someone(2_001 + round * 2)],
  })
  await closeAt(steady.port, session, report)
  steady.setClock(-STEP_MS)
  await sleep(CLOCK_SET_MS)
  report.count('steps back')
  report.count(AFTER_STEP, await connectionsOf([steady.port], session))
  steady.setClock(0)
  await sleep(CLOCK_SET_MS)
}

async function closeAt(port: number, { id }: Opened, report: Report): Promise<void> {
  const { isAcknowledged } = await closeSurely(port, id)
  report.count('sessions closed')
  if (!isAcknowledged) report.count(NOT_CLOSED)
}
