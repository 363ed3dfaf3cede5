import { type Clock, systemClock } from '../src/clock.js'

/** A clock that stands still until a test moves it. No time limit ever runs out on it. */
export interface TestClock extends Clock {
  time: number
  /** The intervals of what runs again and again, in milliseconds. */
  readonly intervals: () => number[]
  /** Runs what is due each so many milliseconds, or all that repeats, and waits for it. */
  readonly tick: (ms?: number) => Promise<unknown>
}

export function testClock(time = Date.UTC(2100, 0, 1)): TestClock {
  const repeating = new Map<() => unknown, number>()
  const clock: TestClock = {
    time,
    now: () => clock.time,
    every(ms, run) {
      repeating.set(run, ms)
      return () => repeating.delete(run)
    },
    after: () => () => undefined,
    intervals: () => [...repeating.values()],
    tick(ms) {
      const due = [...repeating].filter(([, interval]) => ms === undefined || ms === interval)
      return Promise.all(due.map(([run]) => run()))
    },
  }
  return clock
}

/** The time of this machine, where no limit ever runs out: a busy machine may take as long as it needs. */
export const patientClock: Clock = { ...systemClock, after: () => () => undefined }
