import { createInterface } from 'node:readline/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import spinner from 'yocto-spinner'
import { type Environment, readEnvironment } from '../config/environment.js'
import type { Io } from './io.js'

/** The parts of `process` that a command talks through. */
export interface Console {
  readonly stdin: NodeJS.ReadableStream
  readonly stdout: NodeJS.WriteStream
  readonly stderr: NodeJS.WriteStream
  once(event: NodeJS.Signals, listener: () => void): unknown
}

/** The real world, with the environment and `.env`. */
export function processIo(process: Console): Io {
  const { stdin, stdout, stderr } = process
  let environment: Environment | undefined
  return {
    // Read when it is asked for, so that a file that cannot be read is a failure of the command that needs it.
    get environment() {
      environment ??= readEnvironment()
      return environment
    },
    stdout,
    stderr,
    fetch: (...request) => fetch(...request),
    sleep,
    now: Date.now,
    async confirm(question) {
      const terminal = createInterface({ input: stdin, output: stderr })
      const answer = await terminal.question(`${question} [y/N] `)
      terminal.close()
      return /^y(es)?$/i.test(answer.trim())
    },
    untilInterrupted: () =>
      new Promise((resolve) => {
        for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve())
      }),
    later(ms, run) {
      const timer = setTimeout(run, ms)
      return () => clearTimeout(timer)
    },
    spin(text) {
      const spinning = spinner({ text, stream: stderr }).start()
      return () => spinning.stop()
    },
  }
}
