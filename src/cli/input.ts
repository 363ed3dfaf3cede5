import { type Io, UsageError } from './io.js'

/** Stands for a number that comes on the standard input: whoever lists the processes of a machine sees their arguments. */
export const FROM_INPUT = '-'

/** Options where each `-` is replaced by a line of the standard input, in the order of the names. */
export async function withInput<Options extends object>(
  io: Io,
  options: Options,
  names: readonly (keyof Options & string)[],
): Promise<Options> {
  const wanted = names.filter((name) => options[name] === FROM_INPUT)
  if (wanted.length === 0) return options
  const lines = io.isInteractive ? await askFor(io, wanted) : linesOf(await io.input())
  const read = wanted.map((name, i) => {
    if (!lines[i]) {
      throw new UsageError(
        `--${name} is -, but nothing comes for it on the standard input: write a number a line`,
      )
    }
    return [name, lines[i]]
  })
  return { ...options, ...Object.fromEntries(read) }
}

/** The one number that a command is about. It is never an option, and never shown. */
export async function numberFromInput(io: Io): Promise<string> {
  const [number] = io.isInteractive ? [await io.ask('Number: ')] : linesOf(await io.input())
  if (!number) throw new UsageError('nothing comes on the standard input: write the number there')
  return number
}

async function askFor(io: Io, names: readonly string[]): Promise<string[]> {
  const answers: string[] = []
  for (const name of names) answers.push(await io.ask(`--${name}: `))
  return answers
}

function linesOf(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
}
