import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Seconds: of a run that hangs. */
const LIMIT_SECONDS = 540

/** Sees to it that this process ends, and all that it begins with it. Returns a folder that is there until then. */
export function beginRun(): string {
  setTimeout(() => {
    console.error(`the browser took more than ${LIMIT_SECONDS} s`)
    process.exit(1)
  }, LIMIT_SECONDS * 1_000).unref()
  // What ends with this process is ended by its exit, which a signal alone does not bring about.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(1))
  const directory = mkdtempSync(join(tmpdir(), 'callmask-browser-'))
  process.on('exit', () => rmSync(directory, { recursive: true, force: true }))
  return directory
}
