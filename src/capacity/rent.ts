/** For whom the pool is to be large enough. Times are whole seconds. */
export interface Demand {
  /** The most sessions that one person has open at once, with the one that is being opened. */
  readonly openAtOnce: number
  /** For how long a number rests for a person. */
  readonly rest: number
  /** The most sessions of one person that end within 24 hours, whenever these begin. */
  readonly sessionsPerDay?: number | undefined
  /** How long a session lasts at least, where it is not said how many there are a day. */
  readonly sessionLength: number
}

/** How many numbers a pool needs, so that nobody is refused one. */
export interface Needed {
  /** Always enough, whenever the sessions come. */
  readonly always: number
  /** Enough where they end evenly through day and night; undefined where it is not said how many there are a day. */
  readonly evenly: number | undefined
}

const DAY = 24 * 60 * 60

/**
 * A person needs a number for each session that is open, and one for each that ended within the last rest. Where the pool has that
 * many, any choice of numbers works; with one less, the busiest person is refused.
 */
export function numbersNeeded({ openAtOnce, rest, sessionsPerDay, sessionLength }: Demand): Needed {
  if (sessionsPerDay === undefined) {
    // One after the other without a pause: each place has one open and the others of a rest before it.
    return { always: openAtOnce * (1 + Math.ceil(rest / sessionLength)), evenly: undefined }
  }
  return {
    always: openAtOnce + sessionsPerDay * Math.ceil(rest / DAY),
    evenly: openAtOnce + Math.ceil((sessionsPerDay * rest) / DAY),
  }
}
