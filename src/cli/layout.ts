import { printable } from './printable.js'

/** Rows as lines, with columns as wide as their longest cell. */
export function table(header: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const all = [header, ...rows].map((row) => row.map(onOneLine))
  const widths = header.map((_, column) => Math.max(...all.map((row) => String(row[column]).length)))
  return all.map((row) =>
    row
      .map((cell, column) => cell.padEnd(Number(widths[column])))
      .join('  ')
      .trimEnd(),
  )
}

/** Where the values begin, so that the lines of every command look alike. */
const VALUE_COLUMN = 10

/** One line for each label that has a value. */
export function labelled(values: Readonly<Record<string, string | undefined>>): string[] {
  return Object.entries(values).flatMap(([label, value]) =>
    value ? `${label.padEnd(VALUE_COLUMN)}${onOneLine(value)}` : [],
  )
}

/** A value of somebody else cannot pretend to be another line, nor move a column. */
function onOneLine(value: string): string {
  return printable(value).replace(/\s+/g, ' ')
}
