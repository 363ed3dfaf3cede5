import { requirePackage } from '../common-js.js'
import type { Reply } from '../vobiz/replies.js'

const { XMLParser } = requirePackage('fast-xml-parser') as typeof import('fast-xml-parser')

/** What a document of ours does with a call, for people. */
export interface Heard {
  /** Words, and URLs of files that are played, in their order. Of a question, what is asked and what follows without an answer. */
  readonly words: readonly string[]
  readonly isRecorded: boolean
  /** Undefined where nobody is rung. */
  readonly dial?: HeardDial
}

export interface HeardDial {
  /** Who is rung, as it stands in the document. */
  readonly number: string
  readonly callerId: string
  /** Whether we are asked what whoever is called hears first, and what the caller gets when it is over. */
  readonly asksForWhisper: boolean
  readonly asksAtEnd: boolean
}

/** fast-xml-parser's `preserveOrder` form: the name of the element leads to what is in it, and `:@` to its attributes. */
interface Node {
  readonly [name: string]: readonly Node[] | Readonly<Record<string, string>> | string
}

const ATTRIBUTES = ':@'
const TEXT = '#text'

const parser = new XMLParser({
  preserveOrder: true,
  ignoreAttributes: false,
  attributeNamePrefix: '',
  parseTagValue: false,
  trimValues: false,
})

/** Reads a document that `renderDocument` wrote. */
export function heardIn(document: Reply): Heard {
  const nodes = (parser.parse(document) as readonly Node[]).flatMap(withInner)
  const dial = nodes.find((node) => 'Dial' in node)
  return {
    words: nodes.filter((node) => 'Speak' in node || 'Play' in node).map(textOf),
    isRecorded: nodes.some((node) => 'Record' in node),
    ...(dial && { dial: dialIn(dial) }),
  }
}

function dialIn(dial: Node): HeardDial {
  const { callerId, confirmSound, action } = dial[ATTRIBUTES] as Readonly<Record<string, string>>
  return {
    number: textOf(dial),
    callerId: String(callerId),
    asksForWhisper: confirmSound !== undefined,
    asksAtEnd: action !== undefined,
  }
}

/** An element, and all that is in it, in the order of the document. */
function withInner(node: Node): readonly Node[] {
  return [node, ...contentOf(node).flatMap(withInner)]
}

function textOf(node: Node): string {
  return withInner(node)
    .flatMap((inner) => (TEXT in inner ? String(inner[TEXT]) : []))
    .join('')
}

function contentOf(node: Node): readonly Node[] {
  const [, content] = Object.entries(node).find(([name]) => name !== ATTRIBUTES) as [string, Node[string]]
  return Array.isArray(content) ? content : []
}
