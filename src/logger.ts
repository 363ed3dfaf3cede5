import { type DestinationStream, type Logger, pino, symbols } from 'pino'
import { describeError } from './describe-error.js'
import { boundedStream } from './logging/bounded-stream.js'
import { standardOutput } from './logging/writers.js'

/**
 * The log of the service: JSON lines. Nothing reaches it by accident: an error only as `describeError` describes
 * it, and requests and replies not at all.
 *
 * @param stream where it goes; without it, to standard output, many lines at a time and never waited for: `flush` it before
 *   the process ends
 */
export function createLogger(stream?: DestinationStream): Logger {
  const logger: Logger = pino(
    {
      formatters: { level: (level) => ({ level }) },
      serializers: { err: describeError },
    },
    stream ?? boundedStream({ write: standardOutput(), onRecovery: tellOfDrops }),
  )
  return logger

  function tellOfDrops(dropped: number): void {
    logger.error({ dropped }, 'log lines were dropped, because they could not be written')
  }
}

/** How many lines a log has dropped so far, because they could not be written. */
export function droppedLines(logger: Logger): number {
  const { [symbols.streamSym]: stream } = logger as unknown as Record<symbol, { readonly dropped?: number }>
  return stream?.dropped ?? 0
}
