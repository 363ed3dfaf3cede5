import { requirePackage } from '../common-js.js'
import type { VobizDocument } from './document.js'

const { XMLBuilder } = requirePackage('fast-xml-parser') as typeof import('fast-xml-parser')

/** What every element of a document looks like from the outside. */
interface Element {
  readonly name: string
  readonly attributes?: object
  readonly content?: string | readonly Element[]
}

/** fast-xml-parser's `preserveOrder` form: one key that names the element, and its attributes under `:@`. */
type BuilderNode = Record<string, unknown>

const ATTRIBUTES = ':@'
const TEXT = '#text'
const DECLARATION: BuilderNode = { '?xml': [], [ATTRIBUTES]: { version: '1.0', encoding: 'UTF-8' } }

/** Everything but XML 1.0's `Char`: the builder escapes markup, but would let these through. */
const FORBIDDEN = /[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu

const builder = new XMLBuilder({
  preserveOrder: true,
  ignoreAttributes: false,
  attributeNamePrefix: '',
  suppressEmptyNode: true,
  suppressBooleanAttributes: false,
})

/** Writes a document as compact XML. Values are escaped; characters that XML 1.0 forbids are left out. */
export function renderDocument(document: VobizDocument): string {
  return builder.build([DECLARATION, toNode(document)])
}

function toNode({ name, attributes, content = [] }: Element): BuilderNode {
  const children = typeof content === 'string' ? [{ [TEXT]: legal(content) }] : content.map(toNode)
  if (!attributes) return { [name]: children }
  const values = Object.entries(attributes).map(([key, value]) => [key, legal(String(value))])
  return { [name]: children, [ATTRIBUTES]: Object.fromEntries(values) }
}

function legal(value: string): string {
  return value.replace(FORBIDDEN, '')
}
