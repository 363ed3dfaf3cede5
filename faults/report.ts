/** Counts by what they count. Those that must be zero are demanded, the others tell how much was done. */
export interface Report {
  demand(what: string): void
  /** The same for what depends on the machine: `FAULT_TIMES=told` prints it instead, where others use the machine too. */
  demandTime(what: string): void
  count(what: string, by?: number): void
  /** The largest of all values. */
  largest(what: string, value: number): void
  note(text: string): void
  print(): boolean
}

const MAX_NOTES = 40

export function createReport(title: string): Report {
  const demanded = new Set<string>()
  const counts = new Map<string, number>()
  const notes: string[] = []

  return {
    demand(what) {
      demanded.add(what)
      counts.set(what, 0)
    },
    demandTime(what) {
      if (process.env.FAULT_TIMES !== 'told') demanded.add(what)
      counts.set(what, 0)
    },
    count(what, by = 1) {
      counts.set(what, (counts.get(what) ?? 0) + by)
    },
    largest(what, value) {
      counts.set(what, Math.max(counts.get(what) ?? 0, Math.round(value)))
    },
    note(text) {
      if (notes.length < MAX_NOTES) notes.push(text)
    },
    print() {
      console.log(`\n${title}`)
      for (const [what, value] of counts) {
        const verdict = demanded.has(what) ? (value === 0 ? 'ok  ' : 'FAIL') : '    '
        console.log(`  ${verdict} ${String(value).padStart(7)}  ${what}`)
      }
      for (const text of notes) console.log(`       ${text}`)
      return [...demanded].every((what) => counts.get(what) === 0)
    },
  }
}
