import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { type AuditFindings, verifyAudit } from '../access/audit-verify.js'
import { EXIT, type ExitCode, type Io, paint, say, sayJson, UsageError } from './io.js'

/** Breaks that are printed one by one. */
const MAX_SHOWN = 20

/** Says whether the chains of an audit trail are whole, in one file or in several that follow each other. */
export async function verifyAuditFiles(
  io: Io,
  files: readonly string[],
  { json }: { readonly json?: boolean },
): Promise<ExitCode> {
  const findings = await verifyAudit(linesOf(files))
  if (findings.lines === 0) throw new UsageError('there is no line of an audit trail')
  if (json) sayJson(io, findings)
  else say(io, ...findingLines(io, findings))
  return findings.breaks.length === 0 ? EXIT.ok : EXIT.failed
}

async function* linesOf(files: readonly string[]): AsyncIterable<string> {
  for (const file of files) {
    try {
      yield* createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY })
    } catch (error) {
      throw new UsageError(`the file cannot be read (${(error as NodeJS.ErrnoException).code})`)
    }
  }
}

function findingLines(io: Io, { lines, chains, open, breaks }: AuditFindings): string[] {
  const verdict = breaks.length === 0 ? paint(io, 'green', 'OK') : paint(io, 'red', 'BROKEN')
  const running = open === 0 ? '' : `, ${open} of them without an end: still running, killed, or cut off`
  const more = breaks.length - MAX_SHOWN
  return [
    ...breaks.slice(0, MAX_SHOWN).map(({ line, wrong }) => `line ${line}: ${wrong}`),
    ...(more > 0 ? [`and ${more} more`] : []),
    `${verdict}  ${lines} lines in ${chains} chains${running}`,
  ]
}
