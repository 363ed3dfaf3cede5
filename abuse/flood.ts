import { spawn } from 'node:child_process'
import { once } from 'node:events'

/** Sends the same request over and over from a process of its own. Says how many were answered, by the hundred of the status. */
export async function flood(
  url: string,
  { seconds, connections, headers, body }: Flood,
): Promise<Readonly<Record<string, number>>> {
  const args = ['-j', '-m', 'POST', '-c', String(connections), '-d', String(seconds), '-b', body]
  for (const [name, value] of Object.entries(headers)) args.push('-H', `${name}=${value}`)
  const child = spawn(process.execPath, ['node_modules/autocannon/autocannon.js', ...args, url], {
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  process.on('exit', () => child.kill('SIGKILL'))
  let text = ''
  child.stdout.on('data', (chunk) => {
    text += chunk
  })
  await once(child, 'close')
  const { '2xx': ok, '4xx': refused, errors } = JSON.parse(text)
  return { ok, refused, errors }
}

export interface Flood {
  readonly seconds: number
  readonly connections: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}
