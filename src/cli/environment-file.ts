import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { parseEnv } from 'node:util'
import { EXAMPLE_FILE } from '../package-file.js'
import { UsageError } from './io.js'

/** The settings to be written, by name. */
export type Settings = Readonly<Record<string, string>>

const VARIABLE = /^#?([A-Z][A-Z0-9_]*)=(.*)$/gm

/** What `.env.example` shows for these variables, whether as a default or as an example. */
export function exampleOf(...names: readonly string[]): Settings {
  const shown = [...readFileSync(EXAMPLE_FILE, 'utf8').matchAll(VARIABLE)]
  return Object.fromEntries(
    shown.map(([, name = '', value = '']) => [name, value]).filter(([name = '']) => names.includes(name)),
  )
}

/** The text of an `.env`: that of `.env.example`, with these settings in their places and everything else as a comment. */
export function environmentText(settings: Settings): string {
  return readFileSync(EXAMPLE_FILE, 'utf8')
    .replace(
      'Copy this file to .env.',
      'Written by `npx callmask init`. It holds secrets: show it to nobody.',
    )
    .replace(VARIABLE, (_line, name: string, example: string) => {
      const value = settings[name]
      return value === undefined ? `#${name}=${example}` : `${name}=${quoted(name, value)}`
    })
}

const QUOTES = ['', "'", '"', '`'] as const

/** A value in quotes with which it is read back unchanged. */
function quoted(name: string, value: string): string {
  const quote = QUOTES.find((quote) => parseEnv(`${name}=${quote}${value}${quote}`)[name] === value)
  if (quote === undefined)
    throw new UsageError(`${name} cannot be written to a file: it has several kinds of quotes`)
  return quote + value + quote
}

/** Writes a file that only this user can read, as a whole or not at all. */
export function writeSecretFile(
  file: string,
  text: string,
  { overwrite }: { readonly overwrite: boolean },
): void {
  const draft = `${file}.${process.pid}.tmp`
  try {
    writeFileSync(draft, text, { mode: 0o600, flag: 'wx', flush: true })
    // A link never replaces a file, a rename does.
    if (overwrite) renameSync(draft, file)
    else linkSync(draft, file)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw code === 'EEXIST' ? alreadyThere(file) : new UsageError(`${file} cannot be written (${code})`)
  } finally {
    rmSync(draft, { force: true })
  }
}

export function alreadyThere(file: string): UsageError {
  return new UsageError(`${file} is there already: --force writes a new one in its place`)
}
