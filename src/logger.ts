import { type DestinationStream, destination, type Logger, pino } from 'pino'
import { describeError } from './describe-error.js'

/** Standard output, written many lines at a time so that a call never waits for it, and flushed at exit. */
function bufferedOutput(): DestinationStream {
  return destination({ dest: 1, sync: false, minLength: BUFFER_BYTES, periodicFlush: FLUSH_INTERVAL_MS })
}

const BUFFER_BYTES = 8192
const FLUSH_INTERVAL_MS = 100

/**
 * The log of the service: JSON lines. Nothing reaches it by accident: an error only as `describeError` describes
 * it, and requests and replies not at all.
 */
export function createLogger(stream = bufferedOutput()): Logger {
  return pino(
    {
      formatters: { level: (level) => ({ level }) },
      serializers: { err: describeError },
    },
    stream,
  )
}
