import { Cluster } from 'ioredis'
import { test } from 'tap'
import { StoreUnavailableError } from '../../../../src/masking/session-store.js'
import { createDurableLane } from '../../../../src/stores/redis/durable-lane.js'

test('in a cluster a write is confirmed by the server of its key, and fails when no server has its slot', async (t) => {
  const nodes = [1, 2].map((port) => ({
    options: { host: '127.0.0.1', port },
    info: async () => (port === 2 ? 'connected_slaves:1' : 'connected_slaves:0'),
    wait: async () => (port === 2 ? 1 : 0),
  }))
  const slots: Record<number, string[]> = { 5: ['127.0.0.1:2'] }
  const client = Object.assign(Object.create(Cluster.prototype), {
    cluster: async (_command: string, key: string) => (key === 'here' ? 5 : 6),
    slots,
    nodes: () => nodes,
    set: async () => 'OK',
  })
  const lane = createDurableLane({ ask: (question) => question(client), isUp: true, close: () => undefined })
  t.same(await lane.write('here', async () => 'done'), { reply: 'done', durable: true })
  await t.rejects(
    lane.write('nowhere', async () => 'done'),
    StoreUnavailableError,
  )
})
