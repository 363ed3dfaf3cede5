/** Runs a limited number of jobs at once; the others wait for their turn. */
export type Gate = <Result>(work: () => Promise<Result>) => Promise<Result>

export function createGate(limit: number): Gate {
  const waiting: (() => void)[] = []
  let running = 0

  return async (work) => {
    if (running >= limit) await new Promise<void>((resolve) => waiting.push(resolve))
    else running += 1
    try {
      return await work()
    } finally {
      const next = waiting.shift()
      if (next) next()
      else running -= 1
    }
  }
}
