import { performance } from 'node:perf_hooks'
import { request } from '../faults/http.js'
import { createReport } from '../faults/report.js'
import { signatureHeaders } from '../src/vobiz/signature.js'
import { callSteadily } from './calls.js'
import { flood } from './flood.js'
import { meanwhile, startService } from './service.js'

const SECONDS = 10
const CONNECTIONS = 8
const MAX_LOG_BYTES_A_SECOND = 10_000
const MAX_GROWTH_MB = 100
/** Milliseconds between calls: few enough that their own lines of log leave the bound to the refused ones. */
const CALL_PAUSE_MS = 500
/** Milliseconds that an end by SIGTERM may take, whether or not somebody reads the log. */
const END_LIMIT_MS = 20_000

const SIGNED = {
  WEBHOOK_AUTH: 'required',
  VOBIZ_AUTH_TOKEN: 'a-token-of-the-abuse-tests',
  PUBLIC_BASE_URL: 'https://mask.example.com',
}

const signed = () => signatureHeaders(`${SIGNED.PUBLIC_BASE_URL}/answer`, SIGNED.VOBIZ_AUTH_TOKEN)

/** Webhooks without a signature come as fast as they can: with a log that is read, and with one that nobody reads. */
export async function runRefusedWebhooks(): Promise<boolean> {
  const report = createReport('refused webhooks')
  report.demand('bytes of log a second above the limit')
  report.demand('MB of growth above the limit')
  report.demand('health checks without an answer')
  report.demand('signed calls that were not connected')
  report.demand('ends that took too long')
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
    const calls = callSteadily(service.port, CALL_PAUSE_MS, signed)
    const { refused = 0 } = await flood(`http://127.0.0.1:${service.port}/answer`, {
      seconds: SECONDS,
      connections: CONNECTIONS,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: 'From=918888800001&To=09000000001',
    })
    await watched()
    const { count, failed, slowest } = await calls()
    report.count('signed calls', count)
    report.count('signed calls that were not connected', failed)
    report.largest(`ms of the slowest call, log ${log}`, slowest)
    const bytes = Math.round((service.logged() - before) / SECONDS)
    report.count(`webhooks refused, log ${log}`, refused)
    if (log === 'read') report.largest('bytes of log a second', bytes)
    report.count('bytes of log a second above the limit', Math.max(0, bytes - MAX_LOG_BYTES_A_SECOND))
    report.largest(`MB when idle, log ${log}`, idle)
    report.largest(`MB at most, log ${log}`, most)
    report.count('MB of growth above the limit', Math.max(0, Math.round(most - idle - MAX_GROWTH_MB)))
    const begun = performance.now()
    await service.stop()
    const ms = performance.now() - begun
    report.largest(`ms to end, log ${log}`, ms)
    if (ms > END_LIMIT_MS) report.count('ends that took too long')
  }
  return report.print()
}
