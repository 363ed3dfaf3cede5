/** How often is looked whether the process is held up, in milliseconds. */
export const LAG_INTERVAL_MS = 100

/**
 * Tells by how much a timer is late: for so long the process did something else.
 *
 * @param elapsed milliseconds since any moment, by a clock that nobody sets
 * @returns to be called every `LAG_INTERVAL_MS`: says by how many milliseconds it was late
 */
export function createLagWatch(elapsed: () => number): () => number {
  let last = elapsed()
  return () => {
    const now = elapsed()
    const late = now - last - LAG_INTERVAL_MS
    last = now
    return Math.max(0, late)
  }
}
