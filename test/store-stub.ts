import { createServer, type Socket } from 'node:net'
import type { Test } from 'tap'

const OK = '+OK\r\n'

/** What a client asks when it connects, or to see whether somebody is there. Of these a stub answers as a server does. */
const GREETINGS: Readonly<Record<string, string>> = {
  hello: '%1\r\n+server\r\n+redis\r\n',
  ping: '+PONG\r\n',
  info: bulk('redis_version:7.4.0\r\nloading:0\r\n'),
  client: OK,
  time: `*2\r\n${bulk('4102444800')}${bulk('0')}`,
}

/** What a stub says of the keys that an instance asks for before it asks for anything else: heartbeats, and a new store. */
function greetingAt(key: string, command: string): string | undefined {
  if (key.endsWith(':beat')) return OK
  if (!key.endsWith(':about:store')) return undefined
  return command === 'get' ? '$-1\r\n' : ':1\r\n'
}

export interface Stub {
  readonly url: string
  /** How many connections have seen that it is there. */
  readonly seenBy: () => number
}

/** A server on the loopback that is there, and answers everything else with this one reply, until the test ends. */
export async function startStub(t: Test, reply: string): Promise<Stub> {
  const seers = new Set<Socket>()
  const server = createServer((socket) => {
    let text = ''
    socket.on('error', () => undefined)
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1')
      for (let words = takeCommand(); words !== undefined; words = takeCommand()) {
        const command = String(words[0]).toLowerCase()
        // The key of a script stands behind its name and the number of its keys.
        const key = String(words[command.startsWith('eval') ? 3 : 1])
        if (key.endsWith(':beat')) seers.add(socket)
        socket.write(GREETINGS[command] ?? greetingAt(key, command) ?? reply)
      }
    })

    /** Takes the first command that is there as a whole, with its arguments. */
    function takeCommand(): string[] | undefined {
      const [head, count] = /^\*(\d+)\r\n/.exec(text) ?? []
      if (head === undefined) return undefined
      let at = head.length
      const words: string[] = []
      while (words.length < Number(count)) {
        const [length, size] = /^\$(\d+)\r\n/.exec(text.slice(at)) ?? []
        if (length === undefined || text.length < at + length.length + Number(size) + 2) return undefined
        at += length.length
        words.push(text.slice(at, at + Number(size)))
        at += Number(size) + 2
      }
      text = text.slice(at)
      return words
    }
  })
  const sockets = new Set<Socket>()
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('it does not listen')
  return { url: `redis://127.0.0.1:${address.port}`, seenBy: () => seers.size }
}

function bulk(text: string): string {
  return `$${text.length}\r\n${text}\r\n`
}
