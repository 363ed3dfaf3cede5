/** `/answer` with few and many open sessions: does it stay as fast, and what does a session weigh? */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Call, callsOf } from './calls.js'
import { type MeasuredProcess, startMeasured } from './measured-process.js'
import { compare, cpuRatio, type Load } from './rounds.js'
import { POOL, SERVICE } from './service.js'

const COUNTS = { few: 1, some: 10_000, many: 1_000_000 }
const FILL_LIMIT_MS = 300_000
/** Different ones, if there are enough people; each is made about once. */
const CALLS = 150_000

/** The most CPU time with many sessions, as a multiple of that with few. */
const FLAT_AIM = 1.1
const BYTES_AIM = 600

interface Report {
  readonly bytesPerSession: number
  readonly calls: readonly Call[]
}

const [few, some, many] = [await start(COUNTS.few), await start(COUNTS.some), await start(COUNTS.many)]
const { bytesPerSession } = await reportOf(many)
console.log(`\nPOST /answer with ${Object.values(COUNTS).map(inWords).join(', ')} open sessions:`)
const results = await compare({
  few: { server: few, path: '/answer', load: await loadOf(few) },
  some: { server: some, path: '/answer', load: await loadOf(some) },
  many: { server: many, path: '/answer', load: await loadOf(many) },
})
console.log(`many: few × ${cpuRatio(results.many, results.few)}; aim: at most ${FLAT_AIM}`)
console.log(`many: ${bytesPerSession.toFixed(0)} bytes of heap per session; aim: at most ${BYTES_AIM}`)

function start(sessions: number): Promise<MeasuredProcess> {
  const environment = {
    ...SERVICE,
    MASKING_NUMBERS: POOL,
    SESSIONS: String(sessions),
    CALLS: String(CALLS),
  }
  return startMeasured('bench/filled-service.mjs', environment, {
    flags: ['--expose-gc'],
    limitMs: FILL_LIMIT_MS,
  })
}

async function reportOf({ directory }: MeasuredProcess): Promise<Report> {
  return JSON.parse(await readFile(join(directory, 'report.json'), 'utf8'))
}

async function loadOf(server: MeasuredProcess): Promise<Load> {
  return callsOf((await reportOf(server)).calls)
}

function inWords(count: number): string {
  return count.toLocaleString('en')
}
