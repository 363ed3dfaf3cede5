import { createServer } from 'node:net'
import type { Test } from 'tap'

/** What a client asks when it connects, or to see whether somebody is there. Of these a stub answers as a server does. */
const GREETINGS: Readonly<Record<string, string>> = {
  hello: '%1\r\n+server\r\n+redis\r\n',
  ping: '+PONG\r\n',
  info: bulk('redis_version:7.4.0\r\nloading:0\r\n'),
  client: '+OK\r\n',
}

/** A server on the loopback that is there, and answers everything else with this one reply, until the test ends. */
export async function startStub(t: Test, reply: string): Promise<{ readonly url: string }> {
  const server = createServer((socket) => {
    let text = ''
    socket.on('error', () => undefined)
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1')
      for (let command = takeCommand(); command !== undefined; command = takeCommand())
        socket.write(GREETINGS[command.toLowerCase()] ?? reply)
    })

    /** Takes the first command that is there as a whole, and gives its name. */
    function takeCommand(): string | undefined {
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
      return words[0]
    }
  })
  const sockets = new Set<import('node:net').Socket>()
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
  return { url: `redis://127.0.0.1:${address.port}` }
}

function bulk(text: string): string {
  return `$${text.length}\r\n${text}\r\n`
}
