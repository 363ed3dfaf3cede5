import { test } from 'tap'
import { readStoreUrl, type StoreAddress } from '../../../../src/stores/redis/address.js'

test('STORE_URL', async (t) => {
  const standalone = { kind: 'standalone', tls: false, db: 0 }
  const cases: [string, Partial<StoreAddress>][] = [
    ['redis://a', { ...standalone, hosts: [{ host: 'a', port: 6379 }] } as never],
    ['redis://a.example.com:7000', { hosts: [{ host: 'a.example.com', port: 7000 }] }],
    ['redis://a/', { db: 0 }],
    ['redis://a/15', { db: 15 }],
    ['rediss://a', { tls: true, kind: 'standalone' }],
    [
      'redis://user:p%40ss%3A%2f@a',
      { username: 'user', password: 'p@ss:/', hosts: [{ host: 'a', port: 6379 }] },
    ],
    ['redis://:secret@a', { username: undefined, password: 'secret' }],
    ['redis://us%65r@a', { username: 'user', password: undefined }],
    ['redis://[::1]:7000', { hosts: [{ host: '::1', port: 7000 }] }],
    ['redis://[2001:db8::1]', { hosts: [{ host: '2001:db8::1', port: 6379 }] }],
    [
      'rediss://u:p@a:1,b,[::1]:3?cluster',
      {
        kind: 'cluster',
        tls: true,
        username: 'u',
        password: 'p',
        hosts: [
          { host: 'a', port: 1 },
          { host: 'b', port: 6379 },
          { host: '::1', port: 3 },
        ],
      },
    ],
    [
      'redis://a,b:7/2?sentinel=my.master-1',
      {
        kind: 'sentinel',
        primaryName: 'my.master-1',
        db: 2,
        hosts: [
          { host: 'a', port: 26379 },
          { host: 'b', port: 7 },
        ],
      },
    ],
  ]
  for (const [url, expected] of cases) t.match(readStoreUrl(url), expected, url)

  for (const wrong of [
    '',
    'a:6379',
    'http://a',
    'redis://',
    'redis://:6379',
    'redis://a,b',
    'redis://a,?cluster',
    'redis://a b',
    'redis://a:port',
    'redis://a:123456',
    'redis://a:65536',
    'redis://a:0',
    'redis://a/x',
    'redis://a/0/1',
    'redis://a?sentinel',
    'redis://a?sentinel=',
    'redis://a?cluster=yes',
    'redis://a?other',
    'redis://a#b',
    'redis://u:p@q@a',
    'redis://u:100%@a',
    'redis://%ff@a',
    'redis://[::1',
  ])
    t.equal(readStoreUrl(wrong), undefined, wrong)
})

test('an address of a cluster has no database but 0', async (t) => {
  t.equal(readStoreUrl('redis://a,b/1?cluster'), undefined)
  t.match(readStoreUrl('redis://a,b/0?cluster'), { kind: 'cluster', db: 0 })
  t.match(readStoreUrl('redis://a,b?cluster'), { kind: 'cluster', db: 0 })
})
