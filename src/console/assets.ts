import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { brotliCompress, gzip } from 'node:zlib'
import { PACKAGE_FOLDER } from '../package-file.js'

/** The files that come with the pages of the console. */
export interface Assets {
  /** Changes with what is in them. */
  readonly version: string
  find(name: string): Asset | undefined
}

export interface Asset {
  /** Its Content-Type. */
  readonly type: string
  /** The file in the one of these encodings in which it is smallest. It is compressed once. */
  in(encodings: readonly string[]): Promise<{ readonly encoding?: Encoding; readonly body: Buffer }>
}

const SMALLEST_FIRST = ['br', 'gzip'] as const
type Encoding = (typeof SMALLEST_FIRST)[number]

const CSS = 'text/css; charset=utf-8'
const JAVASCRIPT = 'text/javascript; charset=utf-8'
const OWN = join(PACKAGE_FOLDER, 'console', 'assets')

/** By the name in our URLs: its type, and where it is. */
const FILES: Readonly<Record<string, readonly [type: string, path: () => string]>> = {
  'console.css': [CSS, () => join(OWN, 'console.css')],
  'console.js': [JAVASCRIPT, () => join(OWN, 'console.js')],
  'pico.css': [CSS, () => inPackage('@picocss/pico/css/pico.classless.min.css')],
  'htmx.js': [JAVASCRIPT, () => inPackage('htmx.org/dist/htmx.min.js')],
  'uplot.css': [CSS, () => inPackage('uplot/dist/uPlot.min.css')],
  'uplot.js': [JAVASCRIPT, () => inPackage('uplot/dist/uPlot.iife.min.js')],
}

/** Hexadecimal digits of the version. */
const VERSION_LENGTH = 16

const COMPRESS = { br: promisify(brotliCompress), gzip: promisify(gzip) } as const

export async function readAssets(): Promise<Assets> {
  const files = await Promise.all(
    Object.entries(FILES).map(async ([name, [type, path]]) => ({ name, type, body: await readFile(path()) })),
  )
  const hash = createHash('sha256')
  for (const { body } of files) hash.update(body)
  const assets = new Map(files.map(({ name, type, body }) => [name, asset(type, body)]))
  return { version: hash.digest('hex').slice(0, VERSION_LENGTH), find: (name) => assets.get(name) }
}

function asset(type: string, body: Buffer): Asset {
  const made: { [encoding in Encoding]?: Promise<Buffer> } = {}
  return {
    type,
    async in(encodings) {
      // Browsers take several, and name none of them as the one that they like best.
      const encoding = SMALLEST_FIRST.find((name) => encodings.includes(name))
      if (!encoding) return { body }
      made[encoding] ??= COMPRESS[encoding](body)
      return { encoding, body: await made[encoding] }
    },
  }
}

function inPackage(path: string): string {
  return createRequire(import.meta.url).resolve(path)
}
