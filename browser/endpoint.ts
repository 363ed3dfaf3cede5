import { once } from 'node:events'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { CERTIFICATE, PRIVATE_KEY } from '../test/hook-server.js'

/** An endpoint of the business on the loopback. */
export interface Endpoint {
  readonly url: string
  /** What it answers with. */
  status: number
  /** How often it was asked. */
  asked: number
  close(): void
}

/** At first it is down, as endpoints are now and then. */
export async function startEndpoint(): Promise<Endpoint> {
  const server = createServer({ cert: CERTIFICATE, key: PRIVATE_KEY }, (request, reply) => {
    endpoint.asked += 1
    request.resume().on('end', () => reply.writeHead(endpoint.status).end())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const endpoint: Endpoint = {
    url: `https://127.0.0.1:${port}/events`,
    status: 500,
    asked: 0,
    close() {
      server.close()
      server.closeAllConnections()
    },
  }
  return endpoint
}
