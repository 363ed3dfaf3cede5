/** Time, so that tests can travel in it. */
export interface Clock {
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** Does something again and again, each so many milliseconds, until the function that it returns is called. */
  readonly every: (ms: number, run: () => void) => () => void
  /** Does something once, after so many milliseconds, unless the function that it returns is called before. */
  readonly after: (ms: number, run: () => void) => () => void
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
