import { Cluster } from 'ioredis'
import type { Link } from './link.js'

/** How many keys the server looks at for one step. */
const SCAN_STEP = 500

/** All keys of a pattern, some at a time, on every server of a cluster. */
export async function* keysMatching(link: Link, pattern: string): AsyncIterable<string[]> {
  const nodes = await link.ask(async (client) =>
    client instanceof Cluster ? client.nodes('master') : [client],
  )
  for (const node of nodes) {
    let cursor = '0'
    do {
      const [next, keys] = await link.ask(() => node.scan(cursor, 'MATCH', pattern, 'COUNT', SCAN_STEP))
      yield keys
      cursor = next
    } while (cursor !== '0')
  }
}
