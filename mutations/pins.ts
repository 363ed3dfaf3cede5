import type { Mutation } from './mutation.js'

/** Mistakes in the rules of PINs that the tests must find. */
export const PINS: readonly Mutation[] = [
  {
    file: 'masking/lookup.ts',
    from: 'if (session.participants[side].pin !== name) return undefined',
    to: '',
    breaks: 'a PIN opens a session whose record does not name it',
  },
  {
    file: 'masking/lookup.ts',
    from: "if (record?.kind !== 'session' || !isOpen(record, storage.now())) return undefined",
    to: "if (record?.kind !== 'session') return undefined",
    breaks: 'a PIN opens a session that is over',
  },
  {
    file: 'masking/keys.ts',
    from: '{maskingNumber}/$',
    to: '{""}/$',
    breaks: 'a PIN opens a session on another masking number',
  },
  {
    file: 'masking/pins.ts',
    from: 'if (was && !(await isFree(was, sessionId))) return false',
    to: '',
    breaks: 'a PIN is given to two open sessions of a masking number',
  },
  {
    file: 'masking/pins.ts',
    from: "if (record) return record.kind !== 'session' || !isOpen(record, storage.now())",
    to: 'if (record) return false',
    breaks: 'the PIN of a session that is over is never free again',
  },
  {
    file: 'masking/pins.ts',
    from: 'if (ownerIn(was)?.sessionId === sessionId) await',
    to: 'await',
    breaks: 'a request that failed frees the PIN of another session',
  },
  {
    file: 'calls/pin-tries.ts',
    from: "if (nameBefore !== name) return 'no good'",
    to: '',
    breaks: 'one question may be answered with any number of PINs',
  },
  {
    file: 'calls/pin-tries.ts',
    from: "if (isRight === 1) return 'right'",
    to: '',
    breaks: 'a right PIN that is sent again may meet a lock',
  },
  {
    file: 'calls/pin-tries.ts',
    from: 'const isCountedBefore = before.by === by',
    to: 'const isCountedBefore = false',
    breaks: 'a request that is sent again counts again',
  },
  {
    file: 'calls/pin-tries.ts',
    from: 'isNew || isCountedBefore',
    to: 'isNew',
    breaks: 'the same right PIN meets the lock that its own first request made',
  },
  {
    file: 'calls/pin-tries.ts',
    from: 'isToCount && !isCountedBefore && !isLocked(was, policy)',
    to: 'isToCount && !isCountedBefore',
    breaks: 'wrong PINs lock nobody',
  },
  {
    file: 'calls/pin-tries.ts',
    from: 'isToCount && !isCountedBefore && !isLocked(was, policy)',
    to: '!isCountedBefore && !isLocked(was, policy)',
    breaks: 'callers that are locked or known lock a masking number for others',
  },
  {
    file: 'calls/pin-tries.ts',
    from: 'firstMs * 2 ** (times - free)',
    to: 'firstMs',
    breaks: 'locks do not grow',
  },
  {
    file: 'calls/pin-tries.ts',
    from: 'value = now.by === after.by ? before : { ...now, times: now.times - 1 }',
    to: 'value = before',
    breaks: 'a right PIN makes up for wrong ones that were counted meanwhile',
  },
  {
    file: 'calls/pin-tries.ts',
    from: 'secret: caller ?? `hidden',
    to: 'secret: caller ?? callId + `hidden',
    breaks: 'whoever hides their number has as many tries as calls',
  },
  {
    file: 'calls/pin-tries.ts',
    from: 'ofCaller.isCounted && (ofNumber.isCounted || isKnown)',
    to: 'ofCaller.isCounted',
    breaks: 'a locked masking number opens',
  },
  {
    file: 'calls/pin-entry.ts',
    from: 'begun.mayOpen ? pin : NO_PIN',
    to: 'pin',
    breaks: 'a locked caller is let in',
  },
  {
    file: 'calls/pin-entry.ts',
    from: 'if (isKnown && (leg.sessionId !== sessionId || leg.side !== side)) return { locks }',
    to: '',
    breaks: 'a registered caller who has to prove it is let in by the PIN of somebody else',
  },
  {
    file: 'calls/pin-entry.ts',
    from: 'await begun.succeed()',
    to: '',
    breaks: 'right PINs count as wrong ones',
  },
  {
    file: 'calls/pin-entry.ts',
    from: 'return { outcome: await admitted(leg, entry), leg }',
    to: "return { outcome: { kind: 'connect', dialled, leg }, leg }",
    breaks: 'a PIN connects outside of the hours of a session',
  },
  {
    file: 'calls/pin-question.ts',
    from: "if (outcome.kind === 'refuse' || !outcome.leg.needsPin) return outcome",
    to: 'return outcome',
    breaks: 'who must prove who they are is connected without a question where none can be asked',
  },
]
