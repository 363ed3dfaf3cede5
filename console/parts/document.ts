/** The elements of a compact document, each on a line of its own below what it stands in. */
export function inLines(document: string): string {
  let depth = 0
  const lines = document.split(/(?<=>)(?=<)/).map((piece) => {
    if (piece.startsWith('</')) depth -= 1
    const line = '  '.repeat(depth) + piece
    if (OPENS.test(piece)) depth += 1
    return line
  })
  return lines.join('\n')
}

/** A tag alone that something follows which is in it. */
const OPENS = /^<[^?/][^<]*(?<!\/)>$/
