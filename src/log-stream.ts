import { type DestinationStream, symbols } from 'pino'

/**
 * The stream to which a pino logger writes, for whole lines that are no records of its own: they cannot come between
 * the parts of others. A logger of another kind has none, and gets each line as a message.
 */
export function logStream(logger: { info(message: string): void }): DestinationStream {
  const { [symbols.streamSym]: stream } = logger as { [symbols.streamSym]?: DestinationStream }
  return stream ?? { write: (line) => logger.info(line.trimEnd()) }
}
