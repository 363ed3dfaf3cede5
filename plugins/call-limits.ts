import fp from 'fastify-plugin'
import {
  type CallLimits,
  createCallLimits,
  LIMIT_REASONS,
  type LimitReason,
} from '../src/access/call-limits.js'

declare module 'fastify' {
  interface FastifyInstance {
    readonly callLimits: CallLimits
    /** Notes a call that a limit refused. Such calls share a line in the log each second. */
    noteLimited(reason: LimitReason): void
  }
}

/** Milliseconds between two lines in the log about calls that a limit refused. */
export const LIMITED_LOG_MS = 1_000

/** Decorates `app.callLimits`: which calls are refused before anybody is looked up. */
export default fp(
  async (app) => {
    const { clock, config } = app
    const limited = new Map<LimitReason, number>()

    app.decorate('callLimits', createCallLimits({ now: clock.now, maxCalls: config.CALLS_PER_NUMBER }))
    app.decorate('noteLimited', (reason) => {
      limited.set(reason, (limited.get(reason) ?? 0) + 1)
    })

    const stop = clock.every(LIMITED_LOG_MS, tell)
    app.addHook('onClose', async () => {
      stop()
      tell()
    })

    function tell(): void {
      for (const reason of LIMIT_REASONS) {
        const count = limited.get(reason)
        if (count) app.log.warn({ reason, count }, 'calls refused by a limit')
      }
      limited.clear()
    }
  },
  { name: 'call-limits', dependencies: ['config', 'clock'] },
)
