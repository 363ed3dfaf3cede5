/** Endpoints of the business, of which one takes all and the others have a trouble each. */
import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import { Webhook } from 'standardwebhooks'
import { CERTIFICATE, PRIVATE_KEY } from '../../test/hook-server.js'
import { callApi } from '../api.js'

export const HEALTHY = 'takes all'
/** Answers 500 until it is mended. */
export const MENDED = 'answers 500 for a while'

/** @param connection beneath what is encrypted */
type Answer = (reply: ServerResponse, connection: Socket) => void

const DRIP_MS = 1_000

const TROUBLES: Readonly<Record<string, Answer>> = {
  'never answers': () => undefined,
  'drips its headers': (reply) => drip(reply, 'HTTP/1.1 204 No Content\r\nx-slow: '),
  'drips its body': (reply) => drip(reply, 'HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n'),
  'resets the connection': (_reply, connection) => void connection.resetAndDestroy(),
}

/** How many endpoints of a kind there are: of those that hang so many that they could take all that is sent at once. */
const MANY = 9
const COUNTS: Readonly<Record<string, number>> = { 'never answers': MANY }

export interface Endpoints {
  readonly all: readonly Endpoint[]
  readonly healthy: Endpoint
  readonly mended: Endpoint
  /** From now on all that was in trouble for a while takes what comes. */
  mend(): void
  end(): Promise<void>
}

export interface Endpoint {
  readonly kind: string
  /** In the order in which they came. */
  readonly received: Received[]
}

/** What an endpoint was sent. */
export interface Received {
  /** Its `webhook-id`. */
  readonly id: string
  /** By `Date.now()`. */
  readonly at: number
  readonly headers: string
  readonly body: string
  readonly isSigned: boolean
  readonly isTaken: boolean
}

/** @param port of an instance, at which they are added */
export async function addEndpoints(port: number): Promise<Endpoints> {
  let isMended = false
  const answers: Record<string, Answer> = {
    [HEALTHY]: (reply) => void reply.writeHead(204).end(),
    [MENDED]: (reply) => void reply.writeHead(isMended ? 204 : 500).end(),
    ...TROUBLES,
  }
  const kinds = Object.keys(answers).flatMap((kind) => Array.from({ length: COUNTS[kind] ?? 1 }, () => kind))
  const started = await Promise.all(kinds.map((kind) => startEndpoint(kind, answers[kind] as Answer)))
  // One after the other, as they are kept together. The healthy one is the last, so that the others come before it.
  for (const { add } of started.toReversed()) await add(port)
  const all = started.map(({ endpoint }) => endpoint)
  const of = (kind: string) => all.find((endpoint) => endpoint.kind === kind) as Endpoint
  return {
    all,
    healthy: of(HEALTHY),
    mended: of(MENDED),
    mend() {
      isMended = true
    },
    async end() {
      await Promise.all(started.map(({ end }) => end()))
    },
  }
}

async function startEndpoint(kind: string, answer: Answer) {
  const received: Received[] = []
  const connections = new Map<number | undefined, Socket>()
  let webhook: Webhook | undefined
  const server = createServer({ cert: CERTIFICATE, key: PRIVATE_KEY }, async (request, reply) => {
    const body = await bodyOf(request)
    if (body === undefined) return
    const connection = connections.get(request.socket.remotePort)
    if (connection) answer(reply, connection)
    received.push({
      id: String(request.headers['webhook-id']),
      at: Date.now(),
      headers: JSON.stringify(request.headers),
      body,
      isSigned: webhook !== undefined && verifies(webhook, body, request.headers as Record<string, string>),
      isTaken: reply.statusCode < 300 && reply.writableEnded,
    })
  })
  server.on('connection', (socket: Socket) => {
    const { remotePort } = socket
    connections.set(remotePort, socket)
    socket.on('error', () => undefined)
    socket.on('close', () => connections.delete(remotePort))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}/`
  return {
    endpoint: { kind, received },
    async add(port: number) {
      const { status, text } = await callApi(port, 'POST', '/v1/webhooks', { body: { url } })
      if (status !== 201) throw new Error(`an endpoint could not be added: ${status} ${text.slice(0, 200)}`)
      webhook = new Webhook(JSON.parse(text).secret)
    },
    async end() {
      for (const socket of connections.values()) socket.destroy()
      server.close()
    },
  }
}

/** Undefined where whoever sent it was gone before its end. */
async function bodyOf(request: AsyncIterable<Buffer>): Promise<string | undefined> {
  try {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    return Buffer.concat(chunks).toString()
  } catch {
    return undefined
  }
}

function verifies(webhook: Webhook, body: string, headers: Record<string, string>): boolean {
  try {
    webhook.verify(body, headers)
    return true
  } catch {
    return false
  }
}

/** A byte at a time, for as long as somebody listens. */
function drip({ socket }: ServerResponse, beginning: string): void {
  socket?.write(beginning)
  const timer = setInterval(() => socket?.write('x'), DRIP_MS)
  socket?.once('close', () => clearInterval(timer))
}
