import { StoreUnavailableError } from '../../masking/storage.js'

/** The time of a server, which all instances share. */
export interface ServerClock {
  /** Milliseconds since 1970. It never goes back. Throws a `StoreUnavailableError` before the server has told its time. */
  now(): number
  /** Undefined once the server has told its time; else resolves when it has. */
  known(): Promise<void> | undefined
  /** Asks the server again. */
  sync(): Promise<void>
}

export interface ServerClockOptions {
  /** The server's time, in milliseconds since 1970. */
  readonly ask: () => Promise<number>
  /** Milliseconds since any moment, by a clock that nobody sets. */
  readonly elapsed: () => number
}

/** Follows the server's time without asking at each call. */
export function createServerClock({ ask, elapsed }: ServerClockOptions): ServerClock {
  /** What is to be added to the elapsed time. */
  let offset: number | undefined
  let latest = Number.NEGATIVE_INFINITY
  let syncing: Promise<void> | undefined

  async function sync(): Promise<void> {
    const begun = elapsed()
    const told = await ask()
    // On average the server looked at its clock half-way.
    offset = told - (begun + elapsed()) / 2
  }

  return {
    now() {
      if (offset === undefined) throw new StoreUnavailableError()
      latest = Math.max(latest, Math.floor(offset + elapsed()))
      return latest
    },
    known() {
      if (offset !== undefined) return undefined
      syncing ??= sync().finally(() => {
        syncing = undefined
      })
      return syncing
    },
    sync,
  }
}
