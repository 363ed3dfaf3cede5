/** Values by name, of which those that were not used for longest fall out: a stranger who invents names fills nothing. */
export interface Recent<Value> {
  get(name: string): Value | undefined
  set(name: string, value: Value): void
}

/** @param limit how many are kept */
export function createRecent<Value>(limit: number): Recent<Value> {
  const values = new Map<string, Value>()
  return {
    get: (name) => values.get(name),
    set(name, value) {
      values.delete(name)
      values.set(name, value)
      if (values.size > limit) values.delete(String(values.keys().next().value))
    },
  }
}
