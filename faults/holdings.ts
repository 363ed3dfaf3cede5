/** Who may hold a number when, as far as it can be known from outside. */
export interface Holdings {
  /** From now on these people may each hold a number. */
  begin(people: readonly [string, string]): Holding
  /** How many a person may have held at most at one moment. */
  most(person: string, within: Within): number
}

export interface Holding {
  readonly people: readonly [string, string]
  /** They hold it no longer, in so many milliseconds. */
  end(inMs: number): void
}

export interface Within {
  /** By `performance.now()`. */
  readonly from: number
  readonly until: number
  /** What does not count. */
  readonly but: Holding
}

interface Span {
  readonly holding: Holding
  readonly from: number
  until: number
}

export function createHoldings(): Holdings {
  const spans: Span[] = []

  return {
    begin(people) {
      const holding = {
        people,
        end(inMs: number) {
          span.until = performance.now() + inMs
        },
      }
      const span: Span = { holding, from: performance.now(), until: Number.POSITIVE_INFINITY }
      spans.push(span)
      return holding
    },
    most(person, { from, until, but }) {
      const theirs = spans.filter(({ holding }) => holding !== but && holding.people.includes(person))
      // Most are held when one more begins, if not at the start.
      const moments = [from, ...theirs.map((span) => span.from).filter((at) => at > from && at <= until)]
      return Math.max(
        ...moments.map((at) => theirs.filter((span) => span.from <= at && at <= span.until).length),
      )
    },
  }
}
