import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MAX_REQUESTS_PER_CONNECTION } from '../src/connections.js'
import { endsWithUs } from './service.js'

export interface Flood {
  readonly seconds: number
  /** How many at once. */
  readonly connections: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  /** Whether a connection is used again, which is faster, where the service does not end it. */
  readonly connection?: 'kept' | 'one for each'
}

/** Sends the same request over and over from a process of its own. Says how many were answered, by the hundred of the status. */
export async function flood(url: string, of: Flood): Promise<Readonly<Record<string, number>>> {
  const folder = mkdtempSync(join(tmpdir(), 'callmask-abuse-'))
  // A file, since the system takes no argument of more than 128 KiB.
  const file = join(folder, 'body')
  writeFileSync(file, of.body)
  const args = of.connection === 'one for each' ? anew(url, file, of) : kept(url, file, of)
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  endsWithUs(child)
  let text = ''
  child.stdout.on('data', (chunk) => {
    text += chunk
  })
  await once(child, 'close')
  rmSync(folder, { recursive: true })
  const { '2xx': ok, '4xx': refused, errors } = JSON.parse(text)
  return { ok, refused, errors }
}

function kept(url: string, file: string, { seconds, connections, headers }: Flood): string[] {
  // autocannon does not go on by itself when the service ends a connection after its last request.
  const reconnect = String(MAX_REQUESTS_PER_CONNECTION - 100)
  const args = ['node_modules/autocannon/autocannon.js', '-j', '-m', 'POST', '-D', reconnect]
  args.push('-c', String(connections), '-d', String(seconds), '-i', file)
  for (const [name, value] of Object.entries(headers)) args.push('-H', `${name}=${value}`)
  return [...args, url]
}

function anew(url: string, file: string, { seconds, connections, headers }: Flood): string[] {
  const args = [url, String(seconds), String(connections), file, JSON.stringify(headers)]
  return ['--import', 'tsx', 'abuse/send-anew.ts', ...args]
}
