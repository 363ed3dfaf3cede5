/** A TCP proxy that does to connections what networks do. */
import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { freePorts } from '../test/ports.js'
import { occupyPort } from './occupied-port.js'

/**
 * `black-hole` swallows what both sides send, `mute` only what the server says. `late` holds back what clients send and
 * delivers it when newer connections are at work already, even if the client is gone.
 */
export type Weather = 'clear' | 'black-hole' | 'mute' | 'late'

export interface TcpProxy {
  readonly port: number
  /** @param from the address of those whom it concerns; without it, all */
  setWeather(weather: Weather, from?: string): void
  /** How likely a reply is lost, and its connection with it. */
  setReplyLoss(probability: number): void
  dropAll(): void
  /** Stops listening, so that connections are refused, until `accept`. */
  refuse(): Promise<void>
  /** The same, but whoever connects waits for an answer that does not come. */
  ignore(): Promise<void>
  accept(): Promise<void>
  pointTo(port: number): void
  close(): Promise<void>
}

/** How much later data that was held back arrives, once the weather is clear. */
const LATE_MS = 1_000

export async function startProxy(target: number): Promise<TcpProxy> {
  let weather: Weather = 'clear'
  const weatherFrom = new Map<string, Weather>()
  let replyLoss = 0
  let upstreamPort = target
  const sockets = new Set<Socket>()
  const held = new Set<() => void>()
  let free = async () => undefined as unknown
  const [port = 0] = await freePorts(1)
  let server = await listen(port)

  function onClient(client: Socket): void {
    const upstream = connect(upstreamPort, '127.0.0.1')
    const from = String(client.remoteAddress)
    for (const socket of [client, upstream]) {
      sockets.add(socket.setNoDelay())
      socket.on('error', () => undefined)
      socket.on('close', () => sockets.delete(socket))
    }
    const weatherNow = () => weatherFrom.get(from) ?? weather
    carry(client, upstream, 'request', weatherNow)
    carry(upstream, client, 'reply', weatherNow)
  }

  function carry(from: Socket, to: Socket, kind: 'request' | 'reply', weatherNow: () => Weather): void {
    // TCP never loses bytes in the middle: from the first one that is lost on, all are.
    let isLost = false
    let late: Buffer[] | undefined

    from.on('data', (chunk) => {
      const weather = weatherNow()
      isLost ||= weather === 'black-hole' || (weather === 'mute' && kind === 'reply')
      if (isLost) return
      if (kind === 'reply' && Math.random() < replyLoss) {
        from.destroy()
        to.destroy()
        return
      }
      if (kind === 'request' && (late || weather === 'late')) {
        if (!late) hold()
        late?.push(chunk)
        return
      }
      to.write(chunk)
    })
    from.on('close', () => {
      // The end of a connection is lost like anything else, and what was sent before it arrives before it.
      if (late || (kind === 'reply' && weatherNow() !== 'clear' && isLost)) return
      to.destroy()
    })

    function hold(): void {
      late = []
      const deliver = () => {
        held.delete(deliver)
        for (const chunk of late ?? []) to.write(chunk)
        late = undefined
        if (from.destroyed) to.end()
      }
      held.add(deliver)
    }
  }

  async function listen(on: number): Promise<Server> {
    const listening = createServer(onClient).listen(on, '127.0.0.1')
    await once(listening, 'listening')
    return listening
  }

  function dropAll(): void {
    for (const socket of sockets) socket.destroy()
  }

  async function refuse(): Promise<void> {
    const closed = once(server, 'close')
    server.close()
    dropAll()
    await closed
  }

  return {
    port,
    setWeather(next, from) {
      if (from !== undefined) {
        weatherFrom.set(from, next)
        return
      }
      weather = next
      if (next !== 'clear') return
      weatherFrom.clear()
      const due = [...held]
      setTimeout(() => {
        for (const deliver of due) deliver()
      }, LATE_MS)
    },
    setReplyLoss(probability) {
      replyLoss = probability
    },
    dropAll,
    refuse,
    async ignore() {
      await refuse()
      free = await occupyPort(port)
    },
    async accept() {
      await free()
      free = async () => undefined
      server = await listen(port)
    },
    pointTo(next) {
      upstreamPort = next
    },
    async close() {
      server.close()
      dropAll()
    },
  }
}
