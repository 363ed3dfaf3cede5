import { request } from '../faults/http.js'
import { createReport } from '../faults/report.js'
import { flood } from './flood.js'
import { meanwhile, startService } from './service.js'

const SECONDS = 8
const CONNECTIONS = 8
const MAX_LOG_BYTES_A_SECOND = 10_000
const MAX_GROWTH_MB = 100

const SIGNED = {
  WEBHOOK_AUTH: 'required',
  VOBIZ_AUTH_TOKEN: 'a-token-of-the-abuse-tests',
  PUBLIC_BASE_URL: 'https://mask.example.com',
}

/** Webhooks without a signature come as fast as they can: with a log that is read, and with one that nobody reads. */
export async function runRefusedWebhooks(): Promise<boolean> {
  const report = createReport('refused webhooks')
  report.demand('bytes of log a second above the limit')
  report.demand('MB of growth above the limit')
  report.demand('health checks without an answer')
  for (const log of ['read', 'unread'] as const) {
    const service = await startService(SIGNED, log)
    const idle = service.megabytes()
    let most = idle
    const watched = meanwhile(100, async () => {
      most = Math.max(most, service.megabytes())
      const { status } = await request({ port: service.port, method: 'GET', path: '/health' })
      if (status !== 200) report.count('health checks without an answer')
    })
    const before = service.logged()
    const { refused = 0 } = await flood(`http://127.0.0.1:${service.port}/answer`, {
      seconds: SECONDS,
      connections: CONNECTIONS,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: 'From=918888800001&To=09000000001',
    })
    await watched()
    const bytes = Math.round((service.logged() - before) / SECONDS)
    report.count(`webhooks refused, log ${log}`, refused)
    if (log === 'read') report.largest('bytes of log a second', bytes)
    report.count('bytes of log a second above the limit', Math.max(0, bytes - MAX_LOG_BYTES_A_SECOND))
    report.largest(`MB when idle, log ${log}`, idle)
    report.largest(`MB at most, log ${log}`, most)
    report.count('MB of growth above the limit', Math.max(0, Math.round(most - idle - MAX_GROWTH_MB)))
    await service.stop()
  }
  return report.print()
}
