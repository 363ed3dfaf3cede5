/** What may be logged of an error: its message can quote a number, so it stays out, in the stack too. */
export interface ErrorDescription {
  readonly type: string
  readonly code?: string
  readonly stack?: string
}

/** Describes anything that was thrown, by its type, its code and the places of its stack. */
export function describeError(error: unknown): ErrorDescription {
  if (!(error instanceof Error)) return { type: typeof error }
  const { code } = error as { code?: unknown }
  return {
    type: error.constructor.name,
    ...(typeof code === 'string' && CODE.test(code) && { code }),
    ...(error.stack && { stack: placesOf(error.stack.replace(error.message, '')) }),
  }
}

/** A code is a word such as `ECONNREFUSED`; anything else might be text that quotes a number. */
const CODE = /^[A-Z][A-Z_]*[A-Z]$/

function placesOf(stack: string): string {
  return stack
    .split('\n')
    .filter((line) => /^ {4}at .*:\d+:\d+\)?$/.test(line))
    .join('\n')
}
