/**
 * Keeps a thread from being ended in the middle of a transaction: lmdb would wait for ever for a lock that the thread itself
 * holds, and so would the process. Two numbers in memory that both threads see.
 */
export type TransactionGate = Int32Array

const [IS_SHUT, IS_INSIDE] = [0, 1]

export function createGate(): TransactionGate {
  return new Int32Array(new SharedArrayBuffer(8))
}

/** Runs a transaction, unless the gate is shut: then it returns undefined. For the thread that writes. */
export function passGate<Result>(gate: TransactionGate, run: () => Result): Result | undefined {
  Atomics.store(gate, IS_INSIDE, 1)
  try {
    // Whoever shuts it looks at the other number afterwards: one of the two sees the other.
    return Atomics.load(gate, IS_SHUT) === 1 ? undefined : run()
  } finally {
    Atomics.store(gate, IS_INSIDE, 0)
    Atomics.notify(gate, IS_INSIDE)
  }
}

/** Lets no other transaction begin, and waits until the one that runs has ended: so many milliseconds at most. */
export function shutGate(gate: TransactionGate, limitMs: number): void {
  Atomics.store(gate, IS_SHUT, 1)
  Atomics.wait(gate, IS_INSIDE, 1, limitMs)
}
