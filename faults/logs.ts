import { readFileSync } from 'node:fs'
import type { Instance } from './fleet.js'
import { realNumbersIn } from './people.js'
import type { Report } from './report.js'
import type { Starvation } from './starvation.js'

export const LOG_LEAK = 'real numbers in the log of an instance'
export const SLOW_ANSWER = 'answers over 600 ms by the clock of the service'
export const LOG_ERROR = 'errors in a log that are none of the store'

const ANSWER_LIMIT_MS = 600

/** Reads what an instance wrote, whose clock was not set meanwhile. */
export function judgeLog({ log, offset }: Instance, starvation: Starvation, report: Report): void {
  const text = readFileSync(log, 'utf8')
  const leaks = text.split('\n').filter((line) => realNumbersIn(line).length > 0)
  report.count(LOG_LEAK, leaks.length)
  for (const { msg, ms, level, time, ...more } of text.split('\n').flatMap(readLine)) {
    const { 'exception.type': type } = more
    // Calls have a duration, and so have apologies where the service logs one.
    if (ms !== undefined) {
      report.count('calls in the logs')
      const at = time - offset()
      const forgiven = ms > ANSWER_LIMIT_MS ? starvation.between([more['process.pid']], at - ms, at) : 0
      report.largest('slowest answer in the logs, ms', ms - forgiven)
      report.largest('slowest answer in the logs with all waiting for a processor, ms', ms)
      if (ms - forgiven > ANSWER_LIMIT_MS) {
        report.count(SLOW_ANSWER)
        report.note(`log: ${msg}: ${Math.round(ms)} ms, ${Math.round(forgiven)} of them starved`)
      }
    }
    if ((level === 'error' || level === 'fatal') && type && type !== 'StoreUnavailableError') {
      report.count(LOG_ERROR)
      report.note(
        `log: ${msg}: ${type} ${more['error.type']} ${more['exception.stacktrace']?.split('\n')[0] ?? ''}`,
      )
    }
  }
}

interface Line {
  readonly 'process.pid': number
  readonly time: number
  readonly msg?: string
  readonly ms?: number
  readonly level?: string
  readonly 'exception.type'?: string
  readonly 'error.type'?: string
  readonly 'exception.stacktrace'?: string
}

/** The last line of an instance that was killed may be cut off. */
function readLine(text: string): Line[] {
  try {
    return [JSON.parse(text)]
  } catch {
    return []
  }
}
