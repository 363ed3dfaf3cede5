import { execFileSync } from 'node:child_process'
import { availableParallelism } from 'node:os'

/** The cores of a bench: one for the server that is measured, one for everything else. */
export const SERVER_CORE = 0
const CLIENT_CORE = 1

/** Whether this machine can hold a process on a core. */
export const canPin = availableParallelism() > 1 && hasTaskset()

/** Holds this process, and what it starts, on the core of the clients. Says whether that worked. */
export function pinThisProcess(): boolean {
  if (canPin) execFileSync('taskset', ['-a', '-p', '-c', String(CLIENT_CORE), String(process.pid)])
  return canPin
}

/** The command that starts another on a core. */
export function onCore(core: number, command: readonly string[]): [string, ...string[]] {
  const pinned = canPin ? ['taskset', '-c', String(core), ...command] : command
  return pinned as [string, ...string[]]
}

function hasTaskset(): boolean {
  try {
    execFileSync('taskset', ['--version'])
    return true
  } catch {
    return false
  }
}
