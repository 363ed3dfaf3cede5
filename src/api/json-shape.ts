/** Levels of lists and objects within each other. The deepest request that is right has three. */
export const MAX_JSON_DEPTH = 8
/** Members of all lists and objects of a body together. The largest request that is right has 30. */
export const MAX_JSON_MEMBERS = 64

const QUOTE = 0x22
const COMMA = 0x2c
const OPEN_LIST = 0x5b
const BACKSLASH = 0x5c
const CLOSE_LIST = 0x5d
const OPEN_OBJECT = 0x7b
const CLOSE_OBJECT = 0x7d

/**
 * What a JSON text has too much of, to be read after "the body"; undefined where it may be parsed. It only counts, so that a text
 * made to be dear to parse and to check costs no more than being looked through. Whether it is JSON, the parser says.
 */
export function excessOf(text: string): string | undefined {
  let depth = 0
  let members = 0
  for (let i = 0; i < text.length; i++) {
    switch (text.charCodeAt(i)) {
      case QUOTE:
        i = endOfString(text, i)
        break
      case OPEN_LIST:
      case OPEN_OBJECT:
        depth += 1
        members += 1
        break
      case CLOSE_LIST:
      case CLOSE_OBJECT:
        depth -= 1
        break
      case COMMA:
        members += 1
        break
    }
    if (depth > MAX_JSON_DEPTH) return `may not be nested deeper than ${MAX_JSON_DEPTH} levels`
    if (members > MAX_JSON_MEMBERS)
      return `may not have more than ${MAX_JSON_MEMBERS} members in its lists and objects`
  }
  return undefined
}

/** Where the string that begins here ends, or the text does. */
function endOfString(text: string, begin: number): number {
  for (let i = begin + 1; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code === QUOTE) return i
    if (code === BACKSLASH) i += 1
  }
  return text.length
}
