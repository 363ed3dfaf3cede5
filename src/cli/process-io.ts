import { createInterface, type Interface } from 'node:readline/promises'
import { Writable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import spinner from 'yocto-spinner'
import {
  ENVIRONMENT_FILE,
  type Environment,
  readEnvironment,
  readEnvironmentFile,
} from '../config/environment.js'
import { withSecretFiles } from '../config/validation.js'
import { type Io, UsageError } from './io.js'

/** The parts of `process` that a command talks through. */
export interface Console {
  readonly stdin: NodeJS.ReadableStream & { readonly isTTY?: boolean }
  readonly stdout: NodeJS.WriteStream
  readonly stderr: NodeJS.WriteStream
  once(event: NodeJS.Signals, listener: () => void): unknown
}

/** Takes a terminal to its first line, and clears what follows. */
const CLEAR = '\u001b[H\u001b[J'

/** The real world, with the environment and `.env`. */
export function processIo(process: Console): Io {
  const { stdin, stdout, stderr } = process
  let environment: Environment | undefined
  const ask = (question: string) => lineFrom(createInterface({ input: stdin, output: stderr }), question)
  return {
    // Read when it is asked for, so that a file that cannot be read is a failure of the command that needs it.
    get environment() {
      environment ??= withSecretFiles(readEnvironment())
      return environment
    },
    get fileEnvironment() {
      return readEnvironmentFile()
    },
    stdout,
    stderr,
    input: () => text(stdin),
    fetch: (...request) => fetch(...request),
    sleep,
    now: Date.now,
    isInteractive: stdin.isTTY === true,
    ask,
    async askSecret(question) {
      stderr.write(question)
      // In terminal mode only this interface echoes what is typed, and its output is discarded.
      const answer = await lineFrom(createInterface({ input: stdin, output: nowhere(), terminal: true }), '')
      stderr.write('\n')
      return answer
    },
    async confirm(question) {
      return /^y(es)?$/i.test(await ask(`${question} [y/N] `))
    },
    environmentFile: ENVIRONMENT_FILE,
    untilInterrupted: () =>
      new Promise((resolve) => {
        for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve())
      }),
    later(ms, run) {
      const timer = setTimeout(run, ms)
      return () => clearTimeout(timer)
    },
    clear() {
      if (stdout.isTTY) stdout.write(CLEAR)
    },
    spin(text) {
      const spinning = spinner({ text, stream: stderr }).start()
      return () => spinning.stop()
    },
  }
}

/** One answer. Where the input ends, or the user breaks off, there is none. */
function lineFrom(terminal: Interface, question: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const noAnswer = () => reject(new UsageError('no answer was given'))
    terminal.once('close', noAnswer)
    terminal.question(question).then((answer) => {
      resolve(answer.trim())
      terminal.close()
    }, noAnswer)
  })
}

function nowhere(): Writable {
  return new Writable({ write: (_chunk, _encoding, done) => done() })
}
