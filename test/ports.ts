import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer } from 'node:net'

/** Below the range from which the system takes ports for connections: one of those could be gone after a restart. */
const FIRST = 12_000
const LAST = 32_000

/** Ports of the loopback that were free a moment ago, and that no other process is given until this one ends. */
export async function freePorts(count: number): Promise<number[]> {
  const ports: number[] = []
  while (ports.length < count) {
    const port = Math.floor(FIRST + Math.random() * (LAST - FIRST))
    if ((await reserve(port)) && (await isFree(port))) ports.push(port)
  }
  return ports
}

/** Holds the UDP port of the same number, which nothing here uses: false where another process does that already. */
async function reserve(port: number): Promise<boolean> {
  const socket = createSocket('udp4').unref()
  try {
    socket.bind({ port, address: '127.0.0.1', exclusive: true })
    await once(socket, 'listening')
    return true
  } catch {
    return false
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer()
  try {
    await once(server.listen(port, '127.0.0.1'), 'listening')
  } catch {
    return false
  }
  await once(server.close(), 'close')
  return true
}
