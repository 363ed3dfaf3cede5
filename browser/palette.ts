import { crc32, deflateSync, inflateSync } from 'node:zlib'

/** How many colours a picture keeps. */
const COLOURS = 256
const SIGNATURE = 8
const BYTES_PER_PIXEL = 3

/** A PNG of three bytes for each pixel, as browsers make it, with one byte for each: a third of the size, and to the eye the same. */
export function withPalette(png: Buffer): Buffer {
  const chunks = chunksOf(png)
  const header = chunks.find(({ type }) => type === 'IHDR')?.data as Buffer
  const [width, height, colourType] = [header.readUInt32BE(0), header.readUInt32BE(4), header[9]]
  if (colourType !== 2) throw new Error(`a picture of another kind: ${colourType}`)
  const packed = Buffer.concat(chunks.flatMap(({ type, data }) => (type === 'IDAT' ? data : [])))
  const pixels = unfiltered(inflateSync(packed), width * BYTES_PER_PIXEL, height)
  const { palette, indexOf } = paletteOf(pixels)
  const rows = Buffer.alloc((width + 1) * height)
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      rows[y * (width + 1) + 1 + x] = indexOf(
        pixels.readUIntBE((y * width + x) * BYTES_PER_PIXEL, BYTES_PER_PIXEL),
      )
  const newHeader = Buffer.from(header)
  newHeader[9] = 3
  return Buffer.concat([
    png.subarray(0, SIGNATURE),
    chunk('IHDR', newHeader),
    chunk('PLTE', palette),
    chunk('IDAT', deflateSync(rows, { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

function chunksOf(png: Buffer): { readonly type: string; readonly data: Buffer }[] {
  const chunks = []
  for (let at = SIGNATURE; at < png.length; ) {
    const length = png.readUInt32BE(at)
    chunks.push({ type: png.toString('latin1', at + 4, at + 8), data: png.subarray(at + 8, at + 8 + length) })
    at += length + 12
  }
  return chunks
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)]
  length.writeUInt32BE(data.length)
  sum.writeUInt32BE(crc32(body))
  return Buffer.concat([length, body, sum])
}

/** Each row begins with the number of the filter that made of it what it holds. */
function unfiltered(rows: Buffer, rowBytes: number, height: number): Buffer {
  const pixels = Buffer.alloc(rowBytes * height)
  const at = (x: number, y: number) => (x < 0 || y < 0 ? 0 : (pixels[y * rowBytes + x] as number))
  for (let y = 0; y < height; y++) {
    const filter = rows[y * (rowBytes + 1)] as number
    for (let x = 0; x < rowBytes; x++) {
      const [left, up, corner] = [at(x - BYTES_PER_PIXEL, y), at(x, y - 1), at(x - BYTES_PER_PIXEL, y - 1)]
      const guesses = [0, left, up, (left + up) >> 1, filter === 4 ? paeth(left, up, corner) : 0]
      pixels[y * rowBytes + x] = (rows[y * (rowBytes + 1) + 1 + x] as number) + (guesses[filter] as number)
    }
  }
  return pixels
}

function paeth(left: number, up: number, corner: number): number {
  const [a, b, c] = [Math.abs(up - corner), Math.abs(left - corner), Math.abs(left + up - 2 * corner)]
  if (a <= b && a <= c) return left
  return b <= c ? up : corner
}

/** The colours that there are most of; each other one becomes the nearest of them. */
function paletteOf(pixels: Buffer) {
  const counts = new Map<number, number>()
  for (let at = 0; at < pixels.length; at += BYTES_PER_PIXEL) {
    const colour = pixels.readUIntBE(at, BYTES_PER_PIXEL)
    counts.set(colour, (counts.get(colour) ?? 0) + 1)
  }
  const kept = [...counts]
    .toSorted(([, a], [, b]) => b - a)
    .slice(0, COLOURS)
    .map(([colour]) => colour)
  const indexes = new Map(kept.map((colour, index) => [colour, index]))
  const palette = Buffer.alloc(kept.length * BYTES_PER_PIXEL)
  for (const [index, colour] of kept.entries())
    palette.writeUIntBE(colour, index * BYTES_PER_PIXEL, BYTES_PER_PIXEL)
  return {
    palette,
    indexOf(colour: number): number {
      const known = indexes.get(colour)
      if (known !== undefined) return known
      const distances = kept.map((one) => distance(one, colour))
      const nearest = distances.indexOf(Math.min(...distances))
      indexes.set(colour, nearest)
      return nearest
    },
  }
}

function distance(a: number, b: number): number {
  return [16, 8, 0].reduce((sum, shift) => sum + (((a >> shift) & 255) - ((b >> shift) & 255)) ** 2, 0)
}
