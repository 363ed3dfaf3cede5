/** Values by name, of which those that were not used for longest fall out: a stranger who invents names fills nothing. */
export interface Recent<Value> {
  get(name: string): Value | undefined
  set(name: string, value: Value): void
}

export interface RecentOptions<Value> {
  /** How many are kept. */
  readonly limit: number
  readonly onDrop?: (name: string, value: Value) => void
}

export function createRecent<Value>({ limit, onDrop }: RecentOptions<Value>): Recent<Value> {
  const values = new Map<string, Value>()
  return {
    get: (name) => values.get(name),
    set(name, value) {
      values.delete(name)
      values.set(name, value)
      if (values.size <= limit) return
      const [oldest] = values
      if (!oldest) return
      values.delete(oldest[0])
      onDrop?.(...oldest)
    },
  }
}
