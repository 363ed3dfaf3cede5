import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { request } from '../faults/http.js'
import { createReport } from '../faults/report.js'
import { MAX_PENDING_REPLIES } from '../src/connections.js'
import { meanwhile, startService } from './service.js'

const SECONDS = 10
const CONNECTIONS = 40
/** Requests of each path that are written at once: far more than may wait for a reply, and just as many as may. */
const BATCHES = [200, MAX_PENDING_REPLIES / 2]
const MAX_GROWTH_MB = 100
/** Descriptors that may be left open: of connections that the system has not closed yet. */
const MAX_LEFT = 10
const HEALTH_LIMIT_MS = 1_000

/** Without a key, many requests are sent down connections that read no reply. */
export async function runPipelining(): Promise<boolean> {
  const report = createReport('pipelined requests without a key, which read nothing')
  report.demand('MB of growth above the limit')
  report.demand('descriptors left open above the limit')
  report.demand('health checks without an answer, or a slow one')
  const service = await startService()
  const [megabytes, descriptors] = [service.megabytes(), service.descriptors()]
  let most = megabytes
  const watched = meanwhile(100, async () => {
    most = Math.max(most, service.megabytes())
    const { status, begun, ended } = await request({ port: service.port, method: 'GET', path: '/health' })
    report.largest('ms of the slowest health check', ended - begun)
    if (status !== 200 || ended - begun > HEALTH_LIMIT_MS)
      report.count('health checks without an answer, or a slow one')
  })

  const paths = ['/openapi.json', '/docs/static/swagger-ui-bundle.js']
  const batches = BATCHES.map((count) =>
    paths.map((path) => `GET ${path} HTTP/1.1\r\nhost: x\r\n\r\n`.repeat(count)).join(''),
  )
  let goesOn = true
  const attackers = Array.from({ length: CONNECTIONS }, async (_, index) => {
    const batch = batches[index % batches.length] ?? ''
    while (goesOn) {
      const socket = connect(service.port, '127.0.0.1').on('error', () => undefined)
      report.count('connections of the attack')
      while (goesOn && !socket.destroyed) {
        if (!socket.writableNeedDrain) socket.write(batch)
        await sleep(10)
      }
      socket.destroy()
    }
  })
  await sleep(SECONDS * 1_000)
  goesOn = false
  await Promise.all(attackers)
  await sleep(2_000)
  await watched()

  report.largest('MB when idle', megabytes)
  report.largest('MB at most under the attack', most)
  report.largest('descriptors when idle', descriptors)
  report.largest('descriptors afterwards', service.descriptors())
  report.count('MB of growth above the limit', Math.max(0, Math.round(most - megabytes - MAX_GROWTH_MB)))
  report.count(
    'descriptors left open above the limit',
    Math.max(0, service.descriptors() - descriptors - MAX_LEFT),
  )
  await service.stop()
  return report.print()
}
