/** What the user gave cannot work: one line that says what to do instead. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}
