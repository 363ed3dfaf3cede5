import { cli } from './cli-helper.js'

/** The options of each command, by its name: `sessions create` → `--first`, … The program itself has no name. */
export type CliTree = ReadonlyMap<string, readonly string[]>

/** Reads the commands and options out of what `--help` prints. */
export async function readCliTree(name = ''): Promise<CliTree> {
  const words = name.split(' ').filter((word) => word !== '')
  const { out } = await cli([...words, '--help'], {})
  const section = (title: string) => out.split('\n\n').find((part) => part.startsWith(`${title}:\n`)) ?? ''
  const flags = [...section('Options').matchAll(/^ {2}(?:-\w, )?(--[\w-]+)/gm)].map(([, flag = '']) => flag)
  const below = [...section('Commands').matchAll(/^ {2}([a-z]+)/gm)].map(([, word = '']) => word)
  const names = below.filter((word) => word !== 'help').map((word) => [...words, word].join(' '))
  const trees = await Promise.all(names.map(readCliTree))
  return new Map([[name, flags], ...trees.flatMap((tree) => [...tree])])
}

/** A command line as a text names it. */
export interface NamedCommand {
  /** Its first words, as long as they are words. */
  readonly words: readonly string[]
  readonly flags: readonly string[]
}

/** The command lines of callmask in a piece of code. */
export function namedCommands(code: string): NamedCommand[] {
  return [...code.matchAll(/(?<![\w/.'-])callmask ([a-z-][^|&;#]*)/g)].map(([, rest = '']) => {
    const [words = ''] = /^[a-z]*(?: [a-z]+)*/.exec(rest) ?? []
    return { words: words.split(' ').filter(Boolean), flags: flagsIn(rest) }
  })
}

export function flagsIn(text: string): string[] {
  return [...text.matchAll(/(?<=^|[\s[])--[a-z][\w-]*/g)].map(([flag]) => flag)
}

/** The command that is meant; undefined where there is none of this name. */
export function commandNamed(tree: CliTree, { words }: NamedCommand): string | undefined {
  const names = words.map((_, i) => words.slice(0, i + 1).join(' ')).filter((name) => tree.has(name))
  const name = words.length === 0 ? '' : names.at(-1)
  const isGroup =
    name !== undefined && name !== '' && [...tree.keys()].some((other) => other.startsWith(`${name} `))
  return isGroup && words.length > name.split(' ').length ? undefined : name
}
