/** Something that answers like a Redis Sentinel, and says what a test tells it to say. */
import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import type { Test } from 'tap'

export interface SentinelStandIn {
  readonly port: number
  /** The server that it names, and how often the primary had changed when it became that. */
  named: { readonly port: number; readonly epoch: number }
  /** Whether it accepts connections and does not answer. */
  isStalled: boolean
  /** How many have asked it for the epoch. */
  readonly watched: () => number
  /** How many connections to it are open. */
  readonly connections: () => number
}

export async function startSentinel(t: Test, named: SentinelStandIn['named']): Promise<SentinelStandIn> {
  const sockets = new Set<Socket>()
  let watched = 0
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    socket.on('close', () => sockets.delete(socket))
    socket.on('data', (chunk) => {
      if (sentinel.isStalled) return
      for (const [command = '', what] of commandsIn(String(chunk))) socket.write(answer(command, what))
    })
  })

  function answer(command: string, what = ''): string {
    if (command !== 'sentinel') return command === 'hello' ? "-ERR unknown command 'HELLO'\r\n" : '+OK\r\n'
    switch (what.toLowerCase()) {
      case 'get-master-addr-by-name':
        return list('127.0.0.1', String(sentinel.named.port))
      case 'master':
        watched += 1
        return list('name', 'main', 'config-epoch', String(sentinel.named.epoch), 'quorum', '2')
      default:
        return list()
    }
  }

  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  const address = server.address()
  const sentinel: SentinelStandIn = {
    port: typeof address === 'object' && address ? address.port : 0,
    named,
    isStalled: false,
    watched: () => watched,
    connections: () => sockets.size,
  }
  return sentinel
}

/** The words of each command; one is never cut in two, because it is sent at once and is short. */
function commandsIn(text: string): string[][] {
  return text
    .split(/^\*\d+\r\n/m)
    .filter((command) => command !== '')
    .map((command) => command.split('\r\n').filter((_, i) => i % 2 === 1))
    .map(([name = '', ...rest]) => [name.toLowerCase(), ...rest])
}

function list(...words: string[]): string {
  return `*${words.length}\r\n${words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('')}`
}
