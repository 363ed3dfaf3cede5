import { beginCheckup } from '../checkup/examine.js'
import type { Finding } from '../checkup/finding.js'
import { EXIT, type ExitCode, type Io, paint, say, sayJson, waitFor } from './io.js'

/** Checks every link and says of each what was seen and what to do. */
export async function doctor(io: Io, { json }: { readonly json?: boolean }): Promise<ExitCode> {
  const findings = await waitFor(io, 'examining', examine(io))
  if (json) sayJson(io, findings)
  else for (const finding of findings) say(io, ...findingLines(io, finding))
  return findings.every(({ ok }) => ok) ? EXIT.ok : EXIT.failed
}

/** A finding as a person reads it. */
export function findingLines(io: Io, { check, ok, seen, remedy }: Finding): string[] {
  const mark = ok ? paint(io, 'green', '✓') : paint(io, 'red', '✗')
  return [`${mark} ${check}: ${seen}`, ...(remedy ? [`    ${remedy}`] : [])]
}

async function examine(io: Io): Promise<Finding[]> {
  const { settings, examinations } = beginCheckup(io)
  const findings = [settings]
  for (const { examine } of examinations) findings.push(...(await examine()))
  return findings
}
