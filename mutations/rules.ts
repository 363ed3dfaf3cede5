/** Mistakes in the rules of sessions that the tests must find. */
export interface Mutation {
  /** Below `src/masking/`. */
  readonly file: string
  /** Stands once in the file. */
  readonly from: string
  readonly to: string
  /** What it breaks. */
  readonly breaks: string
}

export const MUTATIONS: readonly Mutation[] = [
  {
    file: 'lookup.ts',
    from: "if (isOpen(record, storage.now())) return { kind: 'open', leg }",
    to: "return { kind: 'open', leg }",
    breaks: 'calls are connected by sessions that are over',
  },
  {
    file: 'lookup.ts',
    from: 'if (side === undefined) return undefined',
    to: 'if (side === undefined) return { kind: "open", leg: legTo(record.session.participants[0], record.session) }',
    breaks: 'calls are connected by a session that does not name the caller',
  },
  {
    file: 'lookup.ts',
    from: 'return storage.now() < endOf(session) + restMs ?',
    to: 'return storage.now() < endOf(session) ?',
    breaks: 'a late caller does not hear that the session has ended',
  },
  {
    file: 'record.ts',
    from: 'return session.closedAt === undefined && !isOver && now < session.expiresAt',
    to: 'return !isOver && now < session.expiresAt',
    breaks: 'a close does not close',
  },
  {
    file: 'record.ts',
    from: 'return session.closedAt === undefined && !isOver && now < session.expiresAt',
    to: 'return session.closedAt === undefined && now < session.expiresAt',
    breaks: 'a clock that is behind opens a session again that was marked as over',
  },
  {
    file: 'books.ts',
    from: "if (!isFinal && !(await rewrite(record, kept, { isOver: true }))) return 'changed'",
    to: '',
    breaks: 'the number of an expired leg is given on while the session can still be prolonged',
  },
  {
    file: 'books.ts',
    from: 'if (!isAbandoned(leg, about)) return takenBy(leg)\n    // Whoever',
    to: '// Whoever',
    breaks: 'a leg that is about to be committed by a change is taken away',
  },
  {
    file: 'books.ts',
    from: "return (await rewrite(record, kept, {})) ? endedAt(leg, leg.claim.at) : 'changed'",
    to: 'return endedAt(leg, leg.claim.at)',
    breaks: 'a slow change commits a leg that was taken back',
  },
  {
    file: 'books.ts',
    from: "return (await abort(storage, leg.sessionId)) ? endedAt(leg, leg.claim.at) : 'changed'",
    to: 'return endedAt(leg, leg.claim.at)',
    breaks: 'a slow create commits a leg that was taken back',
  },
  {
    file: 'books.ts',
    from: 'if (!isAbandoned(leg, about)) return takenBy(leg)\n    return (await abort',
    to: 'return (await abort',
    breaks: 'creates take each other’s claims away',
  },
  {
    file: 'books.ts',
    from: "if (record === 'unreadable') return takenBy(leg)",
    to: "if (record === 'unreadable') return endedAt(leg, 0)",
    breaks: 'the number of a session that others can read is given on',
  },
  {
    file: 'books.ts',
    from: 'number === person && leg.claim.version < version',
    to: 'number === person',
    breaks: 'who comes back counts as who left',
  },
  {
    file: 'books.ts',
    from: 'if (leaving) return endedAt(leg, leaving.at, leaving.counterpart)',
    to: 'if (leaving) return endedAt(leg, leaving.at, record.session.participants[0].number)',
    breaks: 'who left counts as having reached whoever came later',
  },
  {
    file: 'books.ts',
    from: 'return settled.filter(({ ended }) => !ended || storage.now() < rememberedUntil(ended.at))',
    to: 'return settled.filter(({ ended }) => !ended)',
    breaks: 'ended legs are forgotten at once, and with them their rest',
  },
  {
    file: 'book.ts',
    from: 'book.filter(({ maskingNumber }) => maskingNumber !== leg.maskingNumber)',
    to: 'book',
    breaks: 'a person has two legs on one number',
  },
  {
    file: 'open-session.ts',
    from: 'await lists.enlist(record.session)',
    to: '',
    breaks: 'sessions are in no list',
  },
  {
    file: 'open-session.ts',
    from: 'if (hasKeys && !(await abort(storage, id))) {',
    to: 'if (hasKeys && false) {',
    breaks: 'a create that gives up takes the numbers of another one with the same keys',
  },
  {
    file: 'open-session.ts',
    from: 'await reservations.cancel(draft, id)',
    to: '',
    breaks: 'a refused create keeps its keys',
  },
  {
    file: 'open-session.ts',
    from: "if (other === 'changed') await Promise.all([first.release(), second.release()])",
    to: '',
    breaks: 'a create that begins again leaves its numbers taken',
  },
  {
    file: 'change-session.ts',
    from: "if (!isOpen(record, storage.now())) return { kind: 'ended' }",
    to: '',
    breaks: 'a session that is over can be changed',
  },
  {
    file: 'change-session.ts',
    from: "if (outcome.kind !== 'changed' && claimed) await giveBack(id, claimed)",
    to: '',
    breaks: 'a refused change leaves its number taken',
  },
  {
    file: 'change-session.ts',
    from: 'if (expiresAt > before) await prolong(record, expiresAt)',
    to: '',
    breaks: 'what leads to a prolonged session is forgotten before it',
  },
  {
    file: 'change-session.ts',
    from: 'if (record && !(await records.rewrite(record, kept, {}))) return giveBack(id, claimed)',
    to: '',
    breaks: 'a change that gives up takes the number of another one for the same person',
  },
  {
    file: 'close-session.ts',
    from: 'if (!isOpen(record, storage.now())) return { ...next, isOver: true }',
    to: '',
    breaks: 'an expired session turns into a closed one',
  },
  {
    file: 'close-session.ts',
    from: "return (await records.write(closed, kept)) ? confirmed(closed) : 'changed'",
    to: 'await records.write(closed, kept)\n    return confirmed(closed)',
    breaks: 'a close that was overtaken is acknowledged',
  },
  {
    file: 'claims.ts',
    from: 'const others = legs.filter((leg) => !isClaim(leg, claim))',
    to: 'const others = legs.filter((leg) => leg.sessionId !== before?.sessionId)',
    breaks: 'giving back takes what another request wrote',
  },
  {
    file: 'claims.ts',
    from: 'legs: before ? [...others, before] : others',
    to: 'legs: others',
    breaks: 'giving a number back cuts the rest short of what was there before',
  },
  {
    file: 'reservations.ts',
    from: "if (lead.f !== fingerprint && now < lead.a + RESERVATION_MS) return { kind: 'conflict' }",
    to: '',
    breaks: 'two requests with one key take it from each other',
  },
  {
    file: 'reservations.ts',
    from: "if (!(await abort(storage, lead.s))) return 'changed'",
    to: '',
    breaks: 'one key opens two sessions',
  },
  {
    file: 'reservations.ts',
    from: 'return isFinal || records.rewrite(holder, keptRecord, { isOver: true })',
    to: 'return true',
    breaks: 'an external id has two open sessions',
  },
  {
    file: 'allocation.ts',
    from: 'const rested = ended.filter((candidate) => endOf(candidate) + restMs <= now)',
    to: 'const rested = ended',
    breaks: 'numbers do not rest',
  },
  {
    file: 'allocation.ts',
    from: 'if (sticky) return { number: sticky.number }',
    to: '',
    breaks: 'the same pair does not get its old numbers',
  },
]
