import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo, LookupFunction } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Test } from 'tap'

/** Of a server at 127.0.0.1 that calls itself hooks.test. It protects nothing, and is valid for a hundred years. */
export const CERTIFICATE = `-----BEGIN CERTIFICATE-----
MIIBnjCCAUSgAwIBAgIUamqF2T+toWk0HXEsL2coIb21sHcwCgYIKoZIzj0EAwIw
FTETMBEGA1UEAwwKaG9va3MudGVzdDAgFw0yNjExMjYyMTAwMzBaGA8yMTI2MTEw
MjIxMDAzMFowFTETMBEGA1UEAwwKaG9va3MudGVzdDBZMBMGByqGSM49AgEGCCqG
SM49AwEHA0IABJOC1DSI4HIPjDsyrqTR7jUIpp2viCFibWoHL13VnKh5NXi/lIf/
ontLuJBfnhPOE/lTChkith+4lq49CWlUWnWjcDBuMB0GA1UdDgQWBBSDM85mCZz/
7TMHTpxcCWG09Ro42jAfBgNVHSMEGDAWgBSDM85mCZz/7TMHTpxcCWG09Ro42jAP
BgNVHRMBAf8EBTADAQH/MBsGA1UdEQQUMBKCCmhvb2tzLnRlc3SHBH8AAAEwCgYI
KoZIzj0EAwIDSAAwRQIgOSN+uBeu1UAcrpMthAifOJAF7xf/gq+vvGWNpo8fDHIC
IQCLHuTvL43FMZqY4AtALfCpDuTAawAdj0bCYxeAONTY1Q==
-----END CERTIFICATE-----
`
export const PRIVATE_KEY = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgEs2ACBIsvEUU9k7k
GIOvbqUoZblSVugqRCe2ekjX2d2hRANCAASTgtQ0iOByD4w7Mq6k0e41CKadr4gh
Ym1qBy9d1ZyoeTV4v5SH/6J7S7iQX54TzhP5UwoZIrYfuJauPQlpVFp1
-----END PRIVATE KEY-----
`

export interface HookServer {
  /** `https://hooks.test:port`, which no name server knows. */
  readonly url: string
  readonly port: number
  /** What was received, with its body. */
  readonly received: Received[]
}

export interface Received {
  readonly url: string
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

/** An endpoint of the business that answers as it is told. */
export async function startHooks(
  t: Test,
  answer: (received: Received, reply: ServerResponse) => void,
): Promise<HookServer> {
  const received: Received[] = []
  const sockets = new Set<Duplex>()
  const server = createServer({ cert: CERTIFICATE, key: PRIVATE_KEY }, async (request, reply) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const one = { url: String(request.url), headers: request.headers, body: Buffer.concat(chunks).toString() }
    received.push(one)
    answer(one, reply)
  })
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
  })
  t.teardown(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return { url: `https://hooks.test:${port}`, port, received }
}

/** A name server that knows all names, one address after the other, and the last one from then on. */
export function lookupOf(...addresses: readonly string[]): LookupFunction {
  const left = [...addresses]
  return (_host, options, done) => {
    const address = (left.length > 1 ? left.shift() : left[0]) as string
    const family = address.includes(':') ? 6 : 4
    if (options.all) (done as unknown as (error: null, all: object[]) => void)(null, [{ address, family }])
    else done(null, address, family)
  }
}
