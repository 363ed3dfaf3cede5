import { Agent, request as httpRequest } from 'node:http'
import { performance } from 'node:perf_hooks'

export interface Asked {
  readonly port: number
  readonly method: string
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

/** What came of a request; times are of `performance.now()`. */
export interface Answered {
  /** 0 when no whole reply came. */
  readonly status: number
  readonly headers: string
  readonly text: string
  readonly begun: number
  readonly ended: number
}

const LIMIT_MS = 5_000
const agent = new Agent({ keepAlive: true, maxSockets: 256 })

/** Asks once. It never rejects: a connection that breaks is an answer too. */
export function request({ port, method, path, headers, body }: Asked): Promise<Answered> {
  const begun = performance.now()
  return new Promise((resolve) => {
    const end = (status: number, told: string, text: string) =>
      resolve({ status, headers: told, text, begun, ended: performance.now() })
    const sent = httpRequest(
      {
        agent,
        host: '127.0.0.1',
        port,
        method,
        path,
        timeout: LIMIT_MS,
        headers: { ...headers, ...(body && { 'content-length': Buffer.byteLength(body) }) },
      },
      (reply) => {
        let text = ''
        reply.setEncoding('utf8')
        reply.on('data', (chunk) => {
          text += chunk
        })
        reply.on('end', () => end(reply.statusCode ?? 0, JSON.stringify(reply.headers), text))
        reply.on('error', (error) => end(0, '', String(error)))
      },
    )
    sent.on('timeout', () => sent.destroy(new Error('no answer in time')))
    sent.on('error', (error) => end(0, '', String(error)))
    sent.end(body)
  })
}
