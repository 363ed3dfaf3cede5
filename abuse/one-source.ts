import { request as httpRequest } from 'node:http'
import { connect, type Socket } from 'node:net'
import { performance } from 'node:perf_hooks'
import { createReport } from '../faults/report.js'
import { startHaproxy, withHaproxy } from '../test/haproxy.js'
import { meanwhile, startService } from './service.js'

const IDLE_CONNECTIONS = 2_050
const SECONDS = 12
/** Milliseconds that the carrier waits. */
const CARRIER_LIMIT_MS = 3_000
const [CARRIER, ATTACKER] = ['127.0.0.2', '127.0.0.3']

/** One address holds as many connections to the load balancer as it gets, and the carrier calls. */
export async function runOneSource(): Promise<boolean> {
  if (withHaproxy.skip) {
    console.log('\nidle connections from one address: left out, for want of haproxy')
    return true
  }
  const report = createReport(`${IDLE_CONNECTIONS} idle connections from one address to deploy/haproxy.cfg`)
  report.demand('calls of the carrier that were not answered in time')
  report.demand('attempts of the attack without a descriptor')
  const service = await startService()
  const balancer = await startHaproxy(service.port, { KNOWN_SOURCES: CARRIER })
  const idle = new Set<Socket>()
  let held = 0
  let starved = 0
  const refill = meanwhile(100, () => {
    while (idle.size < IDLE_CONNECTIONS) {
      const socket = connect({ port: balancer.port, host: '127.0.0.1', localAddress: ATTACKER })
      idle.add(socket)
      socket.on('error', ({ code }: NodeJS.ErrnoException) => {
        if (code === 'EMFILE' || code === 'EADDRNOTAVAIL') starved += 1
      })
      socket.on('close', () => idle.delete(socket))
      report.count('connections of the attack')
    }
    held = Math.max(held, [...idle].filter(({ readyState }) => readyState === 'open').length)
  })
  const calls = meanwhile(50, async () => {
    const { status, ms } = await call(balancer.port)
    report.count('calls of the carrier')
    report.largest('ms of the slowest call', ms)
    if (status !== 200 || ms > CARRIER_LIMIT_MS)
      report.count('calls of the carrier that were not answered in time')
  })
  await new Promise((resolve) => setTimeout(resolve, SECONDS * 1_000))
  await Promise.all([refill(), calls()])
  for (const socket of idle) socket.destroy()
  report.count('attempts of the attack without a descriptor', starved)
  report.largest('connections that the attacker held at once', held)
  await balancer.stop()
  await service.stop()
  return report.print()
}

/** Each call on a connection of its own, which is the hard case. */
function call(port: number): Promise<{ status: number; ms: number }> {
  const begun = performance.now()
  return new Promise((resolve) => {
    const end = (status: number) => resolve({ status, ms: performance.now() - begun })
    const sent = httpRequest(
      {
        port,
        host: '127.0.0.1',
        localAddress: CARRIER,
        agent: false,
        method: 'POST',
        path: '/answer',
        timeout: CARRIER_LIMIT_MS,
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
      },
      (reply) => reply.resume().on('end', () => end(reply.statusCode ?? 0)),
    )
    sent.on('timeout', () => sent.destroy())
    sent.on('error', () => end(0))
    sent.end('From=918888800001&To=09000000001')
  })
}
