import { execFileSync } from 'node:child_process'
import { availableParallelism } from 'node:os'

/** Cores of this machine, as `taskset` names them: one for the server that is measured, one for everything else, or both. */
export const SERVER_CORE = '0'
export const CLIENT_CORE = '1'
export const BOTH_CORES = '0,1'

/** Whether this machine can hold a process on a core. */
export const canPin = availableParallelism() > 1 && hasTaskset()

/** Holds this process, and what it starts from now on, on some cores. */
export function holdThisProcess(cores: string): void {
  if (canPin) execFileSync('taskset', ['-a', '-p', '-c', cores, String(process.pid)])
}

/** The command that starts another on some cores. */
export function onCores(cores: string, command: readonly string[]): [string, ...string[]] {
  const held = canPin ? ['taskset', '-c', cores, ...command] : command
  return held as [string, ...string[]]
}

function hasTaskset(): boolean {
  try {
    execFileSync('taskset', ['--version'])
    return true
  } catch {
    return false
  }
}
