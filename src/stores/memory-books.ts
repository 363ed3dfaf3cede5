import type { SessionParticipant, Side } from '../masking/session.js'

/** One side of a session, in the participant's book. Kept small, because a service has millions. */
export interface BookLeg<Owner> extends SessionParticipant {
  /** The session. */
  readonly owner: Owner
  readonly side: Side
  /** When this leg ended before its session, because the participant was replaced. */
  endedAt: number | undefined
  /** The person's next leg. */
  next: BookLeg<Owner> | undefined
}

/** A small address book per person: the legs on which they may call, at most one for each masking number. */
export interface Books<Owner> {
  of(person: string): BookLeg<Owner>[]
  find(person: string, maskingNumber: string): BookLeg<Owner> | undefined
  /** Writes a leg, in place of the person's earlier one on that masking number. */
  put(leg: BookLeg<Owner>): void
  remove(leg: BookLeg<Owner>): void
  people(): Iterable<string>
}

/** Books as linked lists: most people have one leg, and a list of one costs nothing but the leg. */
export function createMemoryBooks<Owner>(): Books<Owner> {
  const firstOf = new Map<string, BookLeg<Owner>>()

  function legsOf(person: string): BookLeg<Owner>[] {
    const legs: BookLeg<Owner>[] = []
    for (let leg = firstOf.get(person); leg; leg = leg.next) legs.push(leg)
    return legs
  }

  function write(person: string, legs: readonly BookLeg<Owner>[]): void {
    legs.forEach((leg, i) => {
      leg.next = legs[i + 1]
    })
    const [first] = legs
    if (first) firstOf.set(person, first)
    else firstOf.delete(person)
  }

  return {
    of: legsOf,
    find(person, maskingNumber) {
      let leg = firstOf.get(person)
      while (leg && leg.maskingNumber !== maskingNumber) leg = leg.next
      return leg
    },
    put(leg) {
      const others = legsOf(leg.number).filter(({ maskingNumber }) => maskingNumber !== leg.maskingNumber)
      write(leg.number, [leg, ...others])
    },
    remove(leg) {
      write(
        leg.number,
        legsOf(leg.number).filter((other) => other !== leg),
      )
    },
    people: () => firstOf.keys(),
  }
}
