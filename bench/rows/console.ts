/** A page of the console over many sessions: what does one cost the service? */
import { type MeasuredProcess, startMeasured } from '../measured-process.js'
import { API_KEY } from '../new-sessions.js'
import { WITH_SESSIONS } from '../service.js'
import { spreadOf } from '../statistics.js'
import { inWords, type Line } from '../table.js'

const SESSIONS = 100_000
const FILL_LIMIT_MS = 300_000
/** Before they count, enough for the JIT compiler to be done with them. */
const WARM_UP = 100
const LOADS = 200
const MICROS_PER_MS = 1_000

const PAGES = {
  'the newest sessions': '/console/sessions',
  'those of one filter': '/console/sessions?status=closed',
}

export async function consolePages(): Promise<Line[]> {
  const environment = { ...WITH_SESSIONS, SESSIONS: String(SESSIONS), CALLS: '1' }
  const server = await startMeasured('bench/filled-service.mjs', environment, {
    flags: ['--expose-gc'],
    limitMs: FILL_LIMIT_MS,
  })
  const cookie = await signIn(server)
  const lines: Line[] = []
  for (const [name, path] of Object.entries(PAGES)) {
    const cpu: number[] = []
    for (let i = 0; i < WARM_UP + LOADS; i++) {
      const before = server.cpuMicros()
      await load(server, path, cookie)
      if (i >= WARM_UP) cpu.push((server.cpuMicros() - before) / MICROS_PER_MS)
    }
    const what = `page of the console, 100,000 open sessions: ${name}`
    lines.push({ what, figure: `${inWords(spreadOf(cpu), 1)} ms of CPU`, bar: '≤ 30' })
  }
  await server.stop()
  return lines
}

async function signIn({ url }: MeasuredProcess): Promise<string> {
  const body = new URLSearchParams({ key: API_KEY })
  const reply = await fetch(`${url}/console/sign-in`, { method: 'POST', redirect: 'manual', body })
  const [cookie = ''] = String(reply.headers.get('set-cookie')).split(';')
  if (reply.status !== 303) throw new Error(`nobody could sign in: ${reply.status}`)
  return cookie
}

async function load({ url }: MeasuredProcess, path: string, cookie: string): Promise<void> {
  const reply = await fetch(url + path, { redirect: 'manual', headers: { cookie } })
  await reply.text()
  if (reply.status !== 200) throw new Error(`no page, but ${reply.status}`)
}
