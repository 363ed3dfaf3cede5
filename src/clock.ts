/** Time, so that tests can travel in it. */
export interface Clock {
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** Runs a function every so many milliseconds, until the returned function is called. */
  readonly every: (ms: number, run: () => void) => () => void
  /** Runs a function once, after so many milliseconds, unless the returned function is called before. */
  readonly after: (ms: number, run: () => void) => () => void
  /** Stands in for the clock of a shared store. Without it, the store's own time counts. */
  readonly ofStore?: () => number
  /** Set where no limit of time holds: in tests, which a busy machine may hold up for long. */
  readonly isPatient?: true
}

/** The time of this machine. It does not keep the process alive. */
export const systemClock: Clock = {
  now: Date.now,
  every(ms, run) {
    const timer = setInterval(run, ms).unref()
    return () => clearInterval(timer)
  },
  after(ms, run) {
    const timer = setTimeout(run, ms).unref()
    return () => clearTimeout(timer)
  },
}
