import type { Meter } from './meter.js'

/** Lets a meter look at this process. */
export function watchProcess({ watch }: Meter): void {
  watch('cpu', () => {
    const { user, system } = process.cpuUsage()
    return (user + system) / 1_000_000
  })
  watch('startedAt', () => performance.timeOrigin / 1_000)
  watch('residentMemory', () => process.memoryUsage.rss())
  watch('heapUsed', () => process.memoryUsage().heapUsed)
}
