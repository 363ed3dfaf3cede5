import { once } from 'node:events'
import { createServer } from 'node:net'

/** Below the range from which the system takes ports for connections: one of those could be gone after a restart. */
const FIRST = 12_000
const LAST = 32_000
const taken = new Set<number>()

/** Ports of the loopback that were free a moment ago, and are not given twice. */
export async function freePorts(count: number): Promise<number[]> {
  const ports: number[] = []
  while (ports.length < count) {
    const port = Math.floor(FIRST + Math.random() * (LAST - FIRST))
    if (taken.has(port) || !(await isFree(port))) continue
    taken.add(port)
    ports.push(port)
  }
  return ports
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
