import { existsSync, readdirSync, readFileSync } from 'node:fs'

const ROOT = new URL('../../', import.meta.url)

/** A page of the documentation. Its path starts at the root of the repository: `docs/api.md`. */
export interface Page {
  readonly path: string
  readonly text: string
  /** The text without its code blocks. */
  readonly prose: string
}

export function readRepositoryFile(path: string): string {
  return readFileSync(new URL(path, ROOT), 'utf8')
}

export function isInRepository(path: string): boolean {
  return existsSync(new URL(path, ROOT))
}

/** All TypeScript of a folder. */
export function textOfFolder(folder: string): string {
  const files = readdirSync(new URL(`${folder}/`, ROOT), { recursive: true, encoding: 'utf8' })
  const sources = files.filter((file) => file.endsWith('.ts'))
  return sources.map((file) => readRepositoryFile(`${folder}/${file}`)).join('\n')
}

export function readPage(path: string): Page {
  const text = readRepositoryFile(path)
  return { path, text, prose: text.replace(/^```[\s\S]*?^```$/gm, '') }
}

/** The pages in `docs/`. */
export function docsPages(): Page[] {
  const names = readdirSync(new URL('docs/', ROOT)).filter((name) => name.endsWith('.md'))
  return names.map((name) => readPage(`docs/${name}`))
}

/** What stands between backticks in the prose. */
export function codeSpans(prose: string): string[] {
  return [...prose.matchAll(/`([^`\n]+)`/g)].map(([, span = '']) => span)
}

/** The code blocks. */
export function codeBlocks(text: string): string[] {
  return [...text.matchAll(/^```\w*\n([\s\S]*?)^```$/gm)].map(([, block = '']) => block)
}

/** The lines of the code blocks; one that ends in a backslash goes on in the next. */
export function codeLines(text: string): string[] {
  return codeBlocks(text)
    .flatMap((block) => block.replace(/\\\n/g, ' ').split('\n'))
    .filter((line) => line !== '')
}

/** The rows of all tables. */
export function tableRows(prose: string): string[] {
  return prose.split('\n').filter((line) => line.startsWith('|'))
}

/** The targets of a page's links, without those to other sites. */
export function relativeLinks({ prose }: Page): string[] {
  const targets = [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target)
  return targets.filter((target) => !/^[a-z]+:/.test(target))
}

/** The anchors of a page, as GitHub makes them of its headings. */
export function anchors({ prose }: Page): string[] {
  const headings = [...prose.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => heading)
  return headings.map((heading) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  )
}

/** A relative link of a page as a path from the root, and the anchor. */
export function resolveLink(
  { path }: Page,
  target: string,
): { readonly path: string; readonly anchor?: string } {
  const base = new URL(path, 'file:///')
  const { pathname, hash } = new URL(target, base)
  return { path: pathname.slice(1), ...(hash && { anchor: decodeURIComponent(hash.slice(1)) }) }
}
