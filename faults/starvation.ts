/**
 * How long the machine let processes wait for a processor. What it takes from them is no fault of theirs, and on a
 * machine with other work it is more than what is measured. Where the system does not tell, nothing is forgiven.
 */
import { readFileSync } from 'node:fs'

export interface Starvation {
  /** The most milliseconds that one of these processes had to wait between two moments of `Date.now()`. */
  between(pids: readonly number[], from: number, until: number): number
  stop(): void
}

/** At a moment: for each process the milliseconds since its start that it was ready to run and did not. */
interface Sample {
  readonly at: number
  readonly waited: ReadonlyMap<number, number>
}

const SAMPLE_MS = 50

export function watchStarvation(pids: () => readonly number[]): Starvation {
  const samples: Sample[] = []
  const sample = () => {
    samples.push({ at: Date.now(), waited: new Map(pids().map((pid) => [pid, waitedSince(pid)])) })
  }
  sample()
  const timer = setInterval(sample, SAMPLE_MS)

  return {
    between(asked, from, until) {
      const first = samples.findLast(({ at }) => at <= from)
      const last = samples.find(({ at }) => at >= until) ?? samples.at(-1)
      const waited = asked.map((pid) => (last?.waited.get(pid) ?? 0) - (first?.waited.get(pid) ?? 0))
      return Math.max(0, ...waited)
    },
    stop: () => clearInterval(timer),
  }
}

function waitedSince(pid: number): number {
  try {
    const [, nanoseconds] = readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')
    return Number(nanoseconds) / 1e6
  } catch {
    return 0
  }
}
