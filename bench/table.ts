import type { Result } from './rounds.js'
import type { Spread } from './statistics.js'

/** A line of the table: what was measured, and what it should be. */
export interface Line {
  readonly what: string
  /** What the server did, where it was asked. */
  readonly result?: Result
  /** What counts. The line says what it is. */
  readonly figure: string
  readonly bar?: string
  readonly aim?: string
}

const COLUMNS = ['what', 'µs CPU', 'requests/s', 'p99 ms', 'figure', 'bar', 'aim']

/** Medians, with the quartiles behind them, as a table in Markdown. */
export function tableOf(lines: readonly Line[]): string {
  const rows = lines.map(({ what, result, figure, bar = '', aim = '' }) => [
    what,
    result ? inWords(result.cpu, 1) : '',
    result ? inWords(result.perSecond, 0) : '',
    result ? inWords(result.p99, 2) : '',
    figure,
    bar,
    aim,
  ])
  return [COLUMNS, COLUMNS.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n')
}

/** A median, and between what the middle half of the rounds was: `22.1 (21.8–22.9)`. */
export function inWords({ median, low, high }: Spread, digits: number): string {
  return `${median.toFixed(digits)} (${low.toFixed(digits)}–${high.toFixed(digits)})`
}

/** A line about how much of the first server's speed another has. */
export function shareLine(what: string, result: Result, bar?: number, aim?: number): Line {
  return {
    what,
    result,
    figure: `${inWords(result.share, 2)} of the floor`,
    ...(bar && { bar: `≥ ${bar}` }),
    ...(aim && { aim: `≥ ${aim}` }),
  }
}
