import type { Clock } from '../clock.js'
import type { Environment } from '../config/environment.js'
import { withSecretFiles } from '../config/validation.js'
import { FOR_REPLIES } from '../vobiz/carrier-api.js'
import { beginCheckup, type Examination } from './examine.js'
import type { Finding } from './finding.js'
import type { World } from './world.js'

/** Milliseconds that a check-up may take: less than a connection may be still while it waits for the reply. */
export const CHECKUP_LIMIT_MS = 25_000

/** What a service knows of the world. */
export interface CheckupOptions {
  /** As the service was started with it: secrets may stand in files. */
  readonly environment: Environment
  /** The part of it that comes from the file of settings alone. */
  readonly fileEnvironment: Environment
  readonly fetch: typeof fetch
  readonly clock: Pick<Clock, 'now' | 'after'>
  /** Aborted when the service ends. */
  readonly ending: AbortSignal
}

/** Examines everything at once, for somebody who waits for a reply. It never rejects: what cannot be examined is a finding. */
export async function runCheckup(options: CheckupOptions): Promise<Finding[]> {
  const limit = new AbortController()
  const callOff = options.clock.after(CHECKUP_LIMIT_MS, () => limit.abort())
  const over = AbortSignal.any([limit.signal, options.ending])
  try {
    const { settings, examinations } = beginCheckup(worldOf(options, over))
    const found = await Promise.all(examinations.map((examination) => examined(examination, over)))
    return [settings, ...found.flat()]
  } finally {
    callOff()
    // What still goes on would find nobody who waits for it.
    limit.abort()
  }
}

/** @param over aborted when nobody waits any more */
function worldOf(
  { environment: given, fileEnvironment, fetch, clock }: CheckupOptions,
  over: AbortSignal,
): World {
  let environment: Environment | undefined
  return {
    // Read where it is needed, so that a file that cannot be read is a finding.
    get environment() {
      environment ??= withSecretFiles(given)
      return environment
    },
    fileEnvironment,
    fetch: (input, init) =>
      fetch(input, { ...init, signal: AbortSignal.any([over, init?.signal as AbortSignal]) }),
    sleep: (ms) => new Promise((resolve) => void clock.after(ms, resolve)),
    now: clock.now,
    later: clock.after,
    patience: FOR_REPLIES,
  }
}

function examined({ about, examine }: Examination, over: AbortSignal): Promise<Finding[]> {
  const without = (seen: string, remedy: string) => [{ check: about, ok: false, seen, remedy }]
  return new Promise((resolve) => {
    const giveUp = () => resolve(without('was not examined to its end in time', 'run `npx callmask doctor`'))
    over.addEventListener('abort', giveUp, { once: true })
    examine().then(resolve, () => resolve(without('could not be examined', 'run `npx callmask doctor`')))
  })
}
