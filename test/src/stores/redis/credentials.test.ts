import type { Redis } from 'ioredis'
import { test } from 'tap'
import { readStoreUrl, type StoreAddress } from '../../../../src/stores/redis/address.js'
import { createClient } from '../../../../src/stores/redis/client.js'
import { takeCredentials } from '../../../../src/stores/redis/credentials.js'

const address = (url: string) => readStoreUrl(url) as StoreAddress

test('a client takes the user and the password of the same place', async (t) => {
  for (const rest of ['127.0.0.1:1', '127.0.0.1:1/0?sentinel=main']) {
    const before = address(`redis://old:a@${rest}`)
    const client = createClient(before) as Redis
    t.teardown(() => client.disconnect())
    t.equal(takeCredentials(client, before, address(`redis://new:b@${rest}`)), true)
    t.match(client.options, { username: 'new', password: 'b' })

    for (const other of [`rediss://new:c@${rest}`, `redis://new:c@127.0.0.2:1`, `redis://new:c@127.0.0.1:2`])
      t.equal(takeCredentials(client, before, address(other)), false, other)
    t.equal(client.options.password, 'b')
  }
})

test('a cluster does not', async (t) => {
  const before = address('redis://old:a@127.0.0.1:1?cluster')
  const client = createClient(before)
  client.on('error', () => undefined)
  t.teardown(() => client.disconnect())
  t.equal(takeCredentials(client, before, address('redis://new:b@127.0.0.1:1?cluster')), false)
})
