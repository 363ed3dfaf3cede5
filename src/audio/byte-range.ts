/** A part of a file as a request asks for it: from a byte on, or so many of the last ones. */
export type ByteRange =
  | { readonly first: number; readonly last: number | undefined }
  | { readonly suffix: number }

/** A part of a file that is there. */
export interface Part {
  /** Which bytes, from 0; the last one belongs to it. */
  readonly first: number
  readonly last: number
}

/** Digits of a place in a file. */
const PLACE = '\\d{1,15}'
const RANGE = new RegExp(`^bytes=(?:(${PLACE})-(${PLACE})?|-(${PLACE}))$`, 'i')
const CONTENT_RANGE = new RegExp(`^bytes (?:(${PLACE})-(${PLACE})|\\*)/(?:(${PLACE})|\\*)$`, 'i')

/** Reads the header `Range`. Undefined where the whole is to be sent: several ranges, and what makes no sense, are passed over. */
export function readRange(header: string | undefined): ByteRange | undefined {
  const [, first, last, suffix] = RANGE.exec(header ?? '') ?? []
  if (suffix !== undefined) return { suffix: Number(suffix) }
  if (first === undefined) return undefined
  const range = { first: Number(first), last: last === undefined ? undefined : Number(last) }
  return range.last !== undefined && range.last < range.first ? undefined : range
}

export function rangeHeader(range: ByteRange): string {
  return 'suffix' in range ? `bytes=-${range.suffix}` : `bytes=${range.first}-${range.last ?? ''}`
}

/** The part of a file of so many bytes that is meant; undefined where it has none of them. */
export function partOf(range: ByteRange, total: number): Part | undefined {
  const first = 'suffix' in range ? Math.max(total - range.suffix, 0) : range.first
  const last = Math.min(('suffix' in range ? undefined : range.last) ?? total - 1, total - 1)
  return first <= last ? { first, last } : undefined
}

/** What the header `Content-Range` says: which part it is, and of how many bytes. Either may be unknown. */
export function readContentRange(header: string | null): {
  readonly part: Part | undefined
  readonly total: number | undefined
} {
  const [, first, last, total] = CONTENT_RANGE.exec(header ?? '') ?? []
  return {
    part: first === undefined ? undefined : { first: Number(first), last: Number(last) },
    total: total === undefined ? undefined : Number(total),
  }
}

export function contentRange(part: Part | undefined, total: number | undefined): string {
  return `bytes ${part ? `${part.first}-${part.last}` : '*'}/${total ?? '*'}`
}
