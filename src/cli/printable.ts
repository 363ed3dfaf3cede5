import { stripVTControlCharacters } from 'node:util'
import type { Io, Output } from './io.js'

/** What no terminal should get from others, besides whole escape sequences: controls, and what turns a text's direction. */
const UNSAFE = /(?![\n\t])[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}]/gu

const ESCAPE = '\u001b'
/** The colours that `paint` uses, and nothing else. */
const COLOUR = new RegExp(`(${ESCAPE}\\[(?:0|2|31|32)m)`)

/** A text without anything that would steer a terminal. Lines and tabs stay. */
export function printable(text: string): string {
  return stripVTControlCharacters(text).replace(UNSAFE, '')
}

/** JSON for a terminal: the same value, with what would steer the terminal in escapes. */
export function printableJson(value: unknown): string {
  const escaped = (unit: string) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`
  return JSON.stringify(value, null, 2).replace(UNSAFE, escaped)
}

/**
 * The world, but nothing that steers the terminal is written to it, wherever it comes from: the API, the account, an error.
 * Only on a terminal, our own colours are.
 */
export function withPrintableOutput(io: Io): Io {
  // With its getters, so that the environment is still read where it is needed.
  const properties = Object.getOwnPropertyDescriptors(io)
  const output = (to: Output) => ({ value: filtered(to), enumerable: true })
  return Object.defineProperties({} as Io, {
    ...properties,
    stdout: output(io.stdout),
    stderr: output(io.stderr),
  })
}

function filtered(output: Output): Output {
  return {
    get isTTY() {
      return output.isTTY
    },
    write: (text) => output.write(output.isTTY ? keepingColours(text) : printable(text)),
  }
}

function keepingColours(text: string): string {
  return text
    .split(COLOUR)
    .map((part, i) => (i % 2 === 1 ? part : printable(part)))
    .join('')
}
