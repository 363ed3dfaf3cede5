/** Part six: a process that keeps everything in a folder, and is killed while it writes. */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Acknowledged, Order, Seen } from './file-writer.js'
import { createReport, type Report } from './report.js'

/** Seconds for a kill, on a machine that does other things, too. */
export const SECONDS_PER_KILL = 2

const LOST = 'acknowledged writes that were lost'
const STRANGE = 'values that nobody wrote'
const UNSAID = 'writes that were there, and whose acknowledgement was lost with the process'
const CLOSED = 'folders that the next process could not open'
const OPEN_LIMIT_MS = 10_000

/** The process is written to for 50 to 150 ms before it is killed. */
const LOAD_MS = [50, 100] as const

/** Of a value that is written again and again, the last that was acknowledged; of all others, what was acknowledged. */
interface Memory {
  readonly values: Map<string, string>
  readonly entries: string[]
}

export async function runFileKills(kills: number): Promise<boolean> {
  const report = createReport(`${kills} kills of a process that keeps everything in a folder`)
  for (const what of [LOST, STRANGE, CLOSED]) report.demand(what)
  // On a disk, so that it is killed while it waits for one.
  const folder = mkdtempSync(join(tmpdir(), 'callmask-faults-'))
  const all: Memory = { values: new Map(), entries: [] }
  let fresh: Memory = { values: new Map(), entries: [] }

  // One is always there that has loaded all it needs, so that a round takes little longer than its load.
  let next = startWriter()
  for (let round = 1; round <= kills; round++) {
    const writer = next
    next = startWriter()
    if (!(await open(writer, folder))) {
      report.count(CLOSED)
      break
    }
    await compare(writer, fresh, report)
    fresh = await loadAndKill(writer, round)
    for (const [id, value] of fresh.values) all.values.set(id, value)
    all.entries.push(...fresh.entries)
    report.count('writes that were acknowledged', fresh.values.size + fresh.entries.length)
    report.count('kills')
  }
  if (await open(next, folder)) await compare(next, all, report)
  else report.count(CLOSED)
  next.kill('SIGKILL')
  rmSync(folder, { recursive: true })
  return report.print()
}

function startWriter(): ChildProcess {
  return fork('build/faults/file-writer.js', { execArgv: [], serialization: 'advanced' })
}

function order(writer: ChildProcess, what: Order): void {
  writer.send(what)
}

async function open(writer: ChildProcess, folder: string): Promise<boolean> {
  const answer = once(writer, 'message').then(() => true)
  order(writer, { open: folder })
  const hasEnded = once(writer, 'exit').then(() => false)
  return Promise.race([answer, hasEnded, sleep(OPEN_LIMIT_MS, false, { ref: false })])
}

async function compare(writer: ChildProcess, memory: Memory, report: Report): Promise<void> {
  const ids = [...memory.values.keys()]
  order(writer, { look: { values: ids, entries: memory.entries } })
  const [said] = (await once(writer, 'message')) as [Seen]
  said.values.forEach((value, i) => {
    const id = ids[i] ?? ''
    const known = memory.values.get(id) ?? ''
    if (value === undefined || numberOf(value) < numberOf(known)) report.count(LOST)
    else if (value !== known && !isLater(id, value, known)) report.count(STRANGE)
    else report.count(UNSAID, numberOf(value) - numberOf(known))
  })
  report.count(LOST, said.entries.filter((isThere) => !isThere).length)
}

/** What was acknowledged until it was killed. */
async function loadAndKill(writer: ChildProcess, round: number): Promise<Memory> {
  const memory: Memory = { values: new Map(), entries: [] }
  writer.on('message', ({ acknowledged }: { acknowledged: readonly Acknowledged[] }) => {
    for (const { id, value } of acknowledged) {
      if (value === undefined) memory.entries.push(id)
      else memory.values.set(id, value)
    }
  })
  order(writer, { write: { round } })
  await sleep(LOAD_MS[0] + Math.random() * LOAD_MS[1])
  const ended = once(writer, 'exit')
  writer.kill('SIGKILL')
  await ended
  return memory
}

/** Whether it is what the writer of a counter wrote after what is known. */
function isLater(id: string, value: string, known: string): boolean {
  return id.startsWith('counter ') && rest(value) === rest(known) && numberOf(value) > numberOf(known)
}

function numberOf(value: string): number {
  return Number.parseInt(value, 10)
}

function rest(value: string): string {
  return value.slice(value.indexOf(' '))
}
