import type { World } from '../checkup/world.js'
import { printableJson } from './printable.js'

export { UsageError } from '../checkup/usage-error.js'

/** Where text goes. */
export interface Output {
  write(text: string): unknown
  readonly isTTY?: boolean | undefined
}

/** All that a command needs of the world, so that tests can stand in for it. */
export interface Io extends World {
  readonly stdout: Output
  readonly stderr: Output
  /** Asks the user a question that `yes` answers. */
  readonly confirm: (question: string) => Promise<boolean>
  /** Whether somebody is there who could answer. */
  readonly isInteractive: boolean
  /** Asks the user for a line of text, without the spaces around it. Rejects with a `UsageError` when none comes. */
  readonly ask: (question: string) => Promise<string>
  /** The same for a text that is not shown while it is typed. */
  readonly askSecret: (question: string) => Promise<string>
  /** All that comes on the standard input. */
  readonly input: () => Promise<string>
  /** The file of settings. */
  readonly environmentFile: string
  /** Resolves when the user or the system wants the command to end, as with Ctrl+C. */
  readonly untilInterrupted: () => Promise<void>
  /** Empties the terminal, where the output is one. */
  readonly clear: () => void
  /** Shows that work goes on, until the returned function is called. */
  readonly spin: (text: string) => () => void
}

export const EXIT = { ok: 0, failed: 1, usage: 2 } as const
export type ExitCode = (typeof EXIT)[keyof typeof EXIT]

const COLOURS = { green: 32, red: 31, dim: 2 } as const

/** Colours text on a terminal, unless the user has turned colours off. */
export function paint({ stdout, environment }: Io, colour: keyof typeof COLOURS, text: string): string {
  return stdout.isTTY && !environment.NO_COLOR ? `\u001b[${COLOURS[colour]}m${text}\u001b[0m` : text
}

export function say({ stdout }: Io, ...lines: readonly string[]): void {
  for (const line of lines) stdout.write(`${line}\n`)
}

/** For machines: one JSON document. */
export function sayJson(io: Io, value: unknown): void {
  say(io, printableJson(value))
}

/** Milliseconds after which somebody at a terminal wants to see that work goes on. */
const PATIENCE_MS = 1_000

/** Waits for work. On a terminal it shows that it waits, after a second. */
export async function waitFor<Result>(io: Io, text: string, work: Promise<Result>): Promise<Result> {
  let stop: (() => void) | undefined
  const cancel = io.stderr.isTTY
    ? io.later(PATIENCE_MS, () => {
        stop = io.spin(text)
      })
    : undefined
  try {
    return await work
  } finally {
    cancel?.()
    stop?.()
  }
}
