import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

/** The built service, in a process of its own. */
export interface Service {
  readonly url: string
  /** All that it has logged so far, with its audit trail. */
  logged(): string
  stop(): Promise<void>
}

const START_LIMIT_MS = 60_000
/** In memory where that can be. */
const BASE = existsSync('/dev/shm') ? '/dev/shm' : tmpdir()

/** Starts it on a port that the system chooses, in a folder of its own. */
export async function startService(environment: Readonly<Record<string, string>>): Promise<Service> {
  const directory = mkdtempSync(join(BASE, 'callmask-browser-'))
  const audit = join(directory, 'audit.log')
  const child = spawn(process.execPath, [resolve('dist/src/cli/bin.js'), 'serve'], {
    cwd: directory,
    env: {
      PATH: process.env.PATH,
      HOST: '127.0.0.1',
      PORT: '0',
      DRAIN_DELAY: '0',
      AUDIT_LOG: audit,
      ...environment,
      ...(environment.STORE_KEY && { STORE_URL: `file:${join(directory, 'store')}` }),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const kill = () => {
    child.kill('SIGKILL')
    rmSync(directory, { recursive: true, force: true })
  }
  process.once('exit', kill)
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8')
    stream.on('data', (text: string) => {
      output += text
    })
  }
  return {
    url: await listening(),
    logged: () => output + (existsSync(audit) ? readFileSync(audit, 'utf8') : ''),
    async stop() {
      const ended = once(child, 'exit')
      child.kill('SIGTERM')
      const [code] = child.exitCode === null ? await ended : [child.exitCode]
      process.off('exit', kill)
      kill()
      if (code !== 0) throw new Error(`the service ended with ${code}`)
    },
  }

  async function listening(): Promise<string> {
    const limit = AbortSignal.timeout(START_LIMIT_MS)
    for (;;) {
      const [url] = /http:\/\/127\.0\.0\.1:\d+/.exec(output) ?? []
      if (url) return url
      if (limit.aborted || child.exitCode !== null) throw new Error(`the service does not listen:\n${output}`)
      await Promise.race([once(child.stdout, 'data'), once(child, 'exit'), once(limit, 'abort')])
    }
  }
}
