import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Clock } from './clock.js'

/** How long a client may take to send one request, head and body, in milliseconds. The carrier itself gives up after 3 s. */
export const REQUEST_TIMEOUT_MS = 10_000
/** How often is looked for requests that take longer, in milliseconds. */
export const CHECK_INTERVAL_MS = 500
/** Milliseconds that a connection may stay after its last reply was written: what then still comes is not read by anybody. */
export const LINGER_MS = 1_000
/** Milliseconds for which a connection that owes or is owed something may be still, such as with a client that reads no reply. */
export const STALLED_TIMEOUT_MS = 30_000
/** Requests that one connection may ask. The last reply says `connection: close`, and a client takes a new one. */
export const MAX_REQUESTS_PER_CONNECTION = 1_000
/**
 * Replies that one connection may wait for. Load balancers and clients of today send one request after the other (RFC 9112,
 * 9.3.2 lets a client send several), while a flood of them costs the memory of as many replies.
 */
export const MAX_PENDING_REPLIES = 16

export interface ConnectionBounds {
  readonly clock: Clock
  /** Is told of each connection that was cut because it asked too much at once. */
  readonly onExcess: () => void
}

/**
 * Bounds what one connection costs: more pending requests than `MAX_PENDING_REPLIES` end it, and so does a body that still
 * comes when its request has been answered. What listens to the server's requests by now gets only those within the bounds.
 */
export function boundConnections(server: Server, { clock, onExcess }: ConnectionBounds): void {
  const pending = new WeakMap<Socket, number>()
  const handlers = server.listeners('request') as RequestHandler[]

  server.removeAllListeners('request')
  server.on('request', (request, response) => {
    const { socket } = request
    // The rest of what had arrived before the connection was cut.
    if (socket.destroyed) return
    const waiting = (pending.get(socket) ?? 0) + 1
    if (waiting > MAX_PENDING_REPLIES) {
      onExcess()
      socket.destroy()
      return
    }
    pending.set(socket, waiting)
    response.once('close', () => {
      pending.set(socket, Number(pending.get(socket)) - 1)
      if (!request.complete) endUnlessWhole(request, clock)
    })
    for (const handle of handlers) handle(request, response)
  })
}

type RequestHandler = (request: IncomingMessage, response: ServerResponse) => void

/** Somebody who sends the rest at once keeps the connection. Dropped sooner, it could take the reply along. */
function endUnlessWhole(request: IncomingMessage, clock: Clock): void {
  const callOff = clock.after(LINGER_MS, () => {
    if (!request.complete) request.socket.destroy()
  })
  // Or a flood of requests that are refused before their bodies arrive would be kept for as long.
  request.once('close', callOff)
}
