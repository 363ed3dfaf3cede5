import { test } from 'tap'
import { readStorePlace } from '../../../src/stores/store-url.js'

test('where everything is kept', async (t) => {
  t.same(readStorePlace(undefined), { kind: 'memory' })
  t.same(readStorePlace(''), { kind: 'memory' })
  t.match(readStorePlace('redis://a'), { kind: 'redis', address: { hosts: [{ host: 'a' }] } })
  for (const url of [
    'file:/var/lib/callmask',
    'file:///var/lib/callmask',
    'file:/var/lib/callmask/',
    'file:/var/lib/x/../callmask',
    'file:/var/lib/call%6Dask',
  ])
    t.same(readStorePlace(url), { kind: 'file', folder: '/var/lib/callmask' }, url)
  t.same(readStorePlace('file:/data/a%20b.d'), { kind: 'file', folder: '/data/a b.d' })

  for (const wrong of [
    'file:',
    'file:callmask',
    'file:./callmask',
    'file://callmask',
    'file://host/callmask',
    'file:/',
    'file:/a/..',
    'file:/a?b',
    'file:/a#b',
    'file:/a%',
    'file:/a%2Fb',
    'file:/a%00b',
    'FILE:/a',
    '/var/lib/callmask',
    'redis://',
  ])
    t.equal(readStorePlace(wrong), undefined, wrong)
})
