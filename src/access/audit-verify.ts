import { hashOfLine, NO_LINE } from './audit-trail.js'

/** What a check of an audit trail found. */
export interface AuditFindings {
  /** Lines of the trail that were read. */
  readonly lines: number
  readonly chains: number
  /** Chains without a line `end`: their instances run, were killed, or lost what came last. */
  readonly open: number
  /** Where something is wrong, in the order of the lines. */
  readonly breaks: readonly AuditBreak[]
}

export interface AuditBreak {
  /** Counted from 1, over all that was read. */
  readonly line: number
  readonly wrong: string
}

interface Link {
  readonly n: number
  readonly hash: string
  readonly ended: boolean
}

/** What is read of a line. */
interface AuditLine {
  readonly chain: string
  readonly n: number
  readonly prev: string
  readonly event: string
}

const MARK = '"audit":true'
const HASHED = /^(.*),"hash":"([\w-]{43})"\}$/

/** Follows the chains through lines among which others may stand, as in a log. */
export async function verifyAudit(lines: AsyncIterable<string>): Promise<AuditFindings> {
  const chains = new Map<string, Link>()
  const breaks: AuditBreak[] = []
  let place = 0
  let count = 0
  for await (const line of lines) {
    place += 1
    if (!line.includes(MARK)) continue
    count += 1
    const wrong = follow(line, chains)
    if (wrong) breaks.push({ line: place, wrong })
  }
  const open = [...chains.values()].filter(({ ended }) => !ended).length
  return { lines: count, chains: chains.size, open, breaks }
}

/** Takes a line into its chain, and says what is wrong with that. */
function follow(text: string, chains: Map<string, Link>): string | undefined {
  const [, hashed = '', hash = ''] = HASHED.exec(text) ?? []
  const line = readLine(text)
  if (!line || hashOfLine(hashed) !== hash) return 'the line was changed, or is cut off'
  const { chain, n, prev, event } = line
  const before = chains.get(chain)
  chains.set(chain, { n, hash, ended: event === 'end' })
  const expected = before ? before.n + 1 : 0
  if (n > expected) {
    const missing = n - expected
    return before
      ? `${missing} of chain ${chain} are missing before it`
      : `chain ${chain} begins before it: ${missing} stand in an earlier file, or are missing`
  }
  if (n < expected) return `it is out of its order in chain ${chain}, or stands there twice`
  if (prev !== (before?.hash ?? NO_LINE)) return `it does not follow the line before it in chain ${chain}`
  return undefined
}

function readLine(text: string): AuditLine | undefined {
  try {
    const { chain, n, prev, event } = JSON.parse(text) as Partial<AuditLine>
    if (typeof chain !== 'string' || typeof n !== 'number' || prev === undefined) return undefined
    return { chain, n, prev, event: String(event) }
  } catch {
    return undefined
  }
}
