import { type Clock, systemClock } from '../src/clock.js'

/** A clock that stands still until a test moves it. No timer fires unless the test says so. */
export interface TestClock extends Clock {
  time: number
  /** The intervals of all repeating work, in milliseconds. */
  readonly intervals: () => number[]
  /** Runs the work that repeats at this interval, or all repeating work, and waits for it. */
  readonly tick: (ms?: number) => Promise<unknown>
  /** Fires all timers that wait for so many milliseconds. Returns how many there were. */
  readonly runOut: (ms: number) => number
}

export function testClock(time = Date.UTC(2100, 0, 1)): TestClock {
  const repeating = new Map<() => unknown, number>()
  const waiting = new Map<() => void, number>()
  const clock: TestClock = {
    time,
    now: () => clock.time,
    ofStore: () => clock.time,
    isPatient: true,
    every(ms, run) {
      repeating.set(run, ms)
      return () => repeating.delete(run)
    },
    after(ms, run) {
      waiting.set(run, ms)
      return () => waiting.delete(run)
    },
    runOut(ms) {
      const due = [...waiting].filter(([, limit]) => ms === limit)
      for (const [run] of due) {
        waiting.delete(run)
        run()
      }
      return due.length
    },
    intervals: () => [...repeating.values()],
    tick(ms) {
      const due = [...repeating].filter(([, interval]) => ms === undefined || ms === interval)
      return Promise.all(due.map(([run]) => run()))
    },
  }
  return clock
}

/** The time of this machine without any time limits, because a busy machine may be slow. */
export const patientClock: Clock = { ...systemClock, isPatient: true, after: () => () => undefined }
