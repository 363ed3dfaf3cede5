import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MAX_REQUESTS_PER_CONNECTION } from '../src/connections.js'
import { endsWithUs } from './service.js'

/** Sends the same request over and over from a process of its own. Says how many were answered, by the hundred of the status. */
export async function flood(
  url: string,
  { seconds, connections, headers, body, reconnectAfter = MAX_REQUESTS_PER_CONNECTION - 100 }: Flood,
): Promise<Readonly<Record<string, number>>> {
  // A file, since the system takes no argument of more than 128 KiB.
  const folder = mkdtempSync(join(tmpdir(), 'callmask-abuse-'))
  const file = join(folder, 'body')
  writeFileSync(file, body)
  // autocannon does not go on by itself when the service ends a connection after its last request.
  const args = ['-j', '-m', 'POST', '-D', String(reconnectAfter)]
  args.push('-c', String(connections), '-d', String(seconds), '-i', file)
  for (const [name, value] of Object.entries(headers)) args.push('-H', `${name}=${value}`)
  const child = spawn(process.execPath, ['node_modules/autocannon/autocannon.js', ...args, url], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
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

export interface Flood {
  readonly seconds: number
  readonly connections: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  /** Requests after which a connection is given up for a new one. */
  readonly reconnectAfter?: number
}
