import { hostname } from 'node:os'
import { type DestinationStream, type Logger, pino, stdTimeFunctions, symbols } from 'pino'
import { describeError } from './describe-error.js'
import { boundedStream } from './logging/bounded-stream.js'
import { standardOutput } from './logging/writers.js'
import { VERSION } from './package-file.js'

const TIMES = { unix: stdTimeFunctions.epochTime, iso: stdTimeFunctions.isoTime } as const
type LogTime = keyof typeof TIMES
const SET_TIME = Symbol('set time')

/** Whose lines they are. */
const ORIGIN = {
  'service.name': 'callmask',
  'service.version': VERSION,
  'host.name': hostname(),
  'process.pid': process.pid,
}

/**
 * The log of the service: JSON lines. Nothing reaches it by accident: an error only as `describeError` describes it, and
 * requests and replies not at all.
 *
 * @param stream where it goes; without it, to standard output, many lines at a time and never waited for: `flush` it before
 *   the process ends
 */
export function createLogger(stream?: DestinationStream): Logger {
  let time: () => string = TIMES.unix
  const logger: Logger = pino(
    {
      timestamp: () => time(),
      base: ORIGIN,
      formatters: { level: (level) => ({ level }), log: named },
    },
    stream ?? boundedStream({ write: standardOutput(), onRecovery: tellOfDrops }),
  )
  return Object.assign(logger, {
    [SET_TIME](wanted: LogTime) {
      time = TIMES[wanted]
    },
  })

  function tellOfDrops(dropped: number): void {
    logger.error({ dropped }, 'log lines were dropped, because they could not be written')
  }
}

/** The fields of a line, under the names that the semantic conventions of OpenTelemetry have for them. */
function named(fields: Record<string, unknown>): Record<string, unknown> {
  if (!('err' in fields || 'status' in fields)) return fields
  const { err, status, ...others } = fields
  return {
    ...others,
    ...(status !== undefined && { 'http.response.status_code': status }),
    ...(err !== undefined && namedError(err)),
  }
}

function namedError(error: unknown) {
  const { type, code, stack } = describeError(error)
  return {
    'exception.type': type,
    'error.type': code ?? type,
    ...(stack && { 'exception.stacktrace': stack }),
  }
}

/**
 * How a log of ours writes times from here on, also by way of what was derived from it: in milliseconds since 1970, or as ISO 8601
 * has them.
 */
export function setLogTime(logger: object, time: LogTime): void {
  const { [SET_TIME]: set } = logger as { readonly [SET_TIME]?: (time: LogTime) => void }
  set?.(time)
}

/** How many lines a log has dropped so far, because they could not be written. */
export function droppedLines(logger: Logger): number {
  const { [symbols.streamSym]: stream } = logger as unknown as Record<symbol, { readonly dropped?: number }>
  return stream?.dropped ?? 0
}
