/** Runs jobs that are about the same thing one after the other, and others at once. */
export type InTurn = <Result>(about: string, work: () => Promise<Result>) => Promise<Result>

/** So that this process rarely competes with itself: who comes later would only have to begin again. */
export function createInTurn(): InTurn {
  const last = new Map<string, Promise<unknown>>()

  return (about, work) => {
    const before = last.get(about) ?? Promise.resolve()
    const result = before.then(work)
    const ended = result.then(
      () => undefined,
      () => undefined,
    )
    last.set(about, ended)
    ended.then(() => {
      if (last.get(about) === ended) last.delete(about)
    })
    return result
  }
}
