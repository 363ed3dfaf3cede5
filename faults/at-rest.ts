/** Looks for real numbers in all that the servers keep, in their memory and in their files. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Redis } from 'ioredis'
import { realNumbersIn } from './people.js'
import type { Report } from './report.js'
import type { StoreServer, Topology } from './topologies/topology.js'

export const AT_REST = 'real numbers at rest'

export async function judgeAtRest({ servers }: Topology, report: Report): Promise<void> {
  for (const server of servers) {
    for (const text of [...(await keptBy(server)), ...filesOf(server)]) {
      report.count('texts at rest that were searched')
      const found = realNumbersIn(text)
      report.count(AT_REST, found.length)
      if (found.length > 0) report.note(`at rest: …${found[0]?.slice(-2)} in ${text.length} characters`)
    }
  }
}

async function keptBy({ client }: StoreServer): Promise<string[]> {
  const kept: string[] = []
  let cursor = '0'
  do {
    const [next, keys] = await client.scan(cursor, 'COUNT', 1_000)
    cursor = next
    for (const key of keys) kept.push(`${key} ${await contentOf(client, key)}`)
  } while (cursor !== '0')
  return kept
}

/** As text, whatever its type. A replica of a cluster shows its keys when it is asked to. */
async function contentOf(client: Redis, key: string): Promise<string> {
  await client.call('READONLY').catch(() => undefined)
  const value = async () => {
    switch (await client.type(key)) {
      case 'string':
        return client.get(key)
      case 'hash':
        return client.hgetall(key)
      case 'set':
        return client.smembers(key)
      case 'zset':
        return client.zrange(key, '0', '-1', 'WITHSCORES')
      case 'list':
        return client.lrange(key, 0, -1)
      case 'stream':
        return client.xrange(key, '-', '+')
      default:
        return undefined
    }
  }
  return JSON.stringify(await value()) ?? ''
}

function filesOf({ service: { directory } }: StoreServer): string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, path, name }) => readFileSync(join(parentPath ?? path, name), 'latin1'))
}
