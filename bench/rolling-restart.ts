/**
 * Two instances behind haproxy, under load, restarted in turn: how many requests fail? None must.
 * haproxy checks `/health/ready` every 500 ms and takes an instance out after two failures, without retrying requests.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import autocannon from 'autocannon'
import { freePorts } from '../test/ports.js'

const RESTARTS = 10
const CONNECTIONS = 16
/** More than haproxy needs to notice: two checks of 500 ms. */
const DRAIN_DELAY_SECONDS = 3
const START_LIMIT_MS = 20_000
const LOAD_LIMIT_SECONDS = 300

const PAIR = { M1: '919000000001', M2: '919000000002', FE: '918888800001', CUSTOMER: '918888800002' }

const children = new Set<ChildProcess>()
process.on('exit', () => {
  for (const child of children) child.kill('SIGKILL')
})

const [front = 0, ...ports] = await freePorts(3)
const instances = await Promise.all(ports.map(startInstance))
run('haproxy', ['-db', '-q', '-f', await haproxyConfig(front, ports)])
await until200(front)

const load = autocannon(
  {
    url: `http://127.0.0.1:${front}/answer`,
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: 'From=918888800001&To=09000000001&Event=StartApp',
    connections: CONNECTIONS,
    duration: LOAD_LIMIT_SECONDS,
  },
  () => undefined,
)
const finished = once(load, 'done')

for (let restart = 0; restart < RESTARTS; restart++) {
  const i = restart % instances.length
  const code = await stop(instances[i] as ChildProcess)
  if (code !== 0) throw new Error(`an instance ended with ${code}`)
  instances[i] = await startInstance(ports[i] as number)
  await sleep(2_000) // haproxy takes it in again after two good checks
}
load.stop()
const [{ '2xx': answered, non2xx, errors, timeouts }] = await finished
const failed = non2xx + errors + timeouts
console.log(`${RESTARTS} restarts under load: ${answered} requests answered, ${failed} failed`)
process.exit(failed === 0 && answered > 0 ? 0 : 1)

function run(command: string, args: string[], environment: NodeJS.ProcessEnv = {}): ChildProcess {
  const child = spawn(command, args, {
    env: { PATH: `${process.env.PATH}:/usr/sbin`, ...environment },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  children.add(child)
  child.on('exit', () => children.delete(child))
  return child
}

async function startInstance(port: number): Promise<ChildProcess> {
  const instance = run(process.execPath, ['dist/src/server.js'], {
    ...PAIR,
    NODE_ENV: 'production',
    WEBHOOK_AUTH: 'optional',
    HOST: '127.0.0.1',
    PORT: String(port),
    DRAIN_DELAY: String(DRAIN_DELAY_SECONDS),
  })
  await until200(port)
  return instance
}

async function stop(instance: ChildProcess): Promise<number | null> {
  instance.kill('SIGTERM')
  const [code] = await once(instance, 'exit')
  return code
}

async function until200(port: number): Promise<void> {
  const limit = AbortSignal.timeout(START_LIMIT_MS)
  while (!limit.aborted) {
    const reply = await fetch(`http://127.0.0.1:${port}/health/ready`).catch(() => undefined)
    if (reply?.ok) return
    await sleep(100)
  }
  throw new Error(`nothing answers on port ${port}`)
}

async function haproxyConfig(front: number, ports: number[]): Promise<string> {
  const file = join(await mkdtemp(join(tmpdir(), 'callmask-restart-')), 'haproxy.cfg')
  const servers = ports.map((port) => `  server s${port} 127.0.0.1:${port} check inter 500ms fall 2 rise 2`)
  await writeFile(
    file,
    `defaults
  mode http
  timeout connect 1s
  timeout client 30s
  timeout server 30s
  retries 0
frontend front
  bind 127.0.0.1:${front}
  default_backend callmask
backend callmask
  option httpchk GET /health/ready
${servers.join('\n')}
`,
  )
  return file
}
