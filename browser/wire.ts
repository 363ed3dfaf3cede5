import { once } from 'node:events'
import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'

/** A request of a browser and what came back: all that went over the wire. */
export interface Exchange {
  /** `POST /console/sessions/search` */
  readonly what: string
  /** The line and the headers of the request, and the status and the headers of the reply. */
  readonly heads: string
  readonly asked: string
  /** What came so far: of a stream, more may come. */
  answered(): string
}

/** Stands between browsers and the service, hides nothing from either, and keeps all that passes. */
export interface Wire {
  readonly url: string
  readonly exchanges: readonly Exchange[]
  close(): Promise<void>
}

const DECODERS: Readonly<Record<string, (body: Buffer) => Buffer>> = {
  br: brotliDecompressSync,
  gzip: gunzipSync,
}

export async function startWire(service: string): Promise<Wire> {
  const exchanges: Exchange[] = []
  const agent = new Agent({ keepAlive: true })
  const server = createServer((asked, reply) => void pass(asked, reply))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo

  return {
    url: `http://127.0.0.1:${port}`,
    exchanges,
    async close() {
      server.close()
      server.closeAllConnections()
      agent.destroy()
    },
  }

  function pass(asked: IncomingMessage, reply: ServerResponse): void {
    const { method = '', url = '', rawHeaders } = asked
    const toService = request(service + url, { agent, method, headers: rawHeaders })
    const sent: Buffer[] = []
    asked.on('data', (chunk: Buffer) => sent.push(chunk))
    asked.pipe(toService)
    toService.on('response', (answer) => {
      const got: Buffer[] = []
      const { statusCode = 0, statusMessage, headers } = answer
      exchanges.push({
        what: `${method} ${url.split('?')[0]}`,
        heads: [url, ...rawHeaders, statusCode, ...answer.rawHeaders].join('\n'),
        asked: String(Buffer.concat(sent)),
        answered: () => decoded(Buffer.concat(got), headers['content-encoding']),
      })
      reply.writeHead(statusCode, statusMessage, answer.rawHeaders)
      answer.on('data', (chunk: Buffer) => got.push(chunk))
      answer.pipe(reply)
      answer.on('error', () => reply.destroy())
    })
    toService.on('error', () => reply.destroy())
    reply.on('close', () => toService.destroy())
  }
}

function decoded(body: Buffer, encoding: string | undefined): string {
  return String((encoding && DECODERS[encoding]?.(body)) || body)
}
