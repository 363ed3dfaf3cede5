/** A call with few and many open sessions: does it stay as fast, and what does a session weigh? */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Call, callsOf } from '../calls.js'
import { startMeasured } from '../measured-process.js'
import { type Contender, compare } from '../rounds.js'
import { WITH_SESSIONS } from '../service.js'
import { inWords, type Line } from '../table.js'

const FEW = 1
const MANY = 1_000_000
const FILL_LIMIT_MS = 900_000
/** Different ones, if there are enough people; each is made about once. */
const CALLS = 150_000

interface Report {
  readonly bytesPerSession: number
  readonly calls: readonly Call[]
}

export async function manySessions(): Promise<Line[]> {
  const [few, many] = [await filledWith(FEW), await filledWith(MANY)]
  const results = await compare({ few: few.contender, many: many.contender })
  await Promise.all([few, many].map(({ contender }) => contender.server.stop()))
  const { low, median, high } = results.many.share
  const times = { median: 1 / median, low: 1 / high, high: 1 / low }
  return [
    { what: 'call, 1 open session', result: results.few, figure: '' },
    {
      what: 'call, 1,000,000 open sessions',
      result: results.many,
      figure: `${inWords(times, 2)} times the CPU with 1`,
      bar: '≤ 1.10',
      aim: '≤ 1.05',
    },
    { what: '', figure: `${many.bytesPerSession.toFixed(0)} bytes of heap a session`, bar: '≤ 600' },
  ]
}

async function filledWith(sessions: number): Promise<{ contender: Contender; bytesPerSession: number }> {
  const environment = { ...WITH_SESSIONS, SESSIONS: String(sessions), CALLS: String(CALLS) }
  const server = await startMeasured('bench/filled-service.mjs', environment, {
    flags: ['--expose-gc'],
    limitMs: FILL_LIMIT_MS,
  })
  const report = await readFile(join(server.directory, 'report.json'), 'utf8')
  const { bytesPerSession, calls }: Report = JSON.parse(report)
  return { contender: { server, path: '/answer', load: callsOf(calls) }, bytesPerSession }
}
