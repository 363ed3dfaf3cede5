import fp from 'fastify-plugin'
import { hasMetrics } from '../src/config/metrics.js'
import { strategyOf } from '../src/config/strategy.js'
import { droppedLines } from '../src/logger.js'
import { VERSION } from '../src/package-file.js'
import { createLagWatch, LAG_INTERVAL_MS } from '../src/telemetry/event-loop-lag.js'
import { createMeter, type Meter, noMeter } from '../src/telemetry/meter.js'
import { watchProcess } from '../src/telemetry/process-readings.js'

declare module 'fastify' {
  interface FastifyInstance {
    /** Counts what happens, for those who run the service. Without metrics it counts nothing. */
    readonly meter: Meter
  }
}

/** Decorates `app.meter`. */
export default fp(
  async (app) => {
    const { clock, config, log } = app
    if (!hasMetrics(config)) {
      app.decorate('meter', noMeter)
      return
    }
    const meter = createMeter()
    app.decorate('meter', meter)
    const build = { version: VERSION, node: process.version, strategy: strategyOf(config) }
    meter.watch('build', () => [{ labels: build, value: 1 }])
    meter.watch('droppedLogLines', () => droppedLines(log as Parameters<typeof droppedLines>[0]))
    watchProcess(meter)

    const lag = createLagWatch(() => performance.now())
    const stop = clock.every(LAG_INTERVAL_MS, () => meter.time('eventLoopLag', lag() / 1_000))
    app.addHook('onClose', async () => stop())

    if (config.METRICS === 'public' && config.ADMIN_PORT === undefined && config.NODE_ENV === 'production')
      log.warn(
        'everybody who reaches the port of the calls can read the metrics: set ADMIN_PORT, or METRICS=key',
      )
  },
  { name: 'meter', dependencies: ['clock', 'config'] },
)
