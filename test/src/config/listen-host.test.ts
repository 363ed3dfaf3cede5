import { test } from 'tap'
import { adminHost, listenHost } from '../../../src/config/listen-host.js'

test('listenHost is the loopback, but in production every address, unless HOST says otherwise', async (t) => {
  t.equal(listenHost({}), '127.0.0.1')
  t.equal(listenHost({ NODE_ENV: 'development' }), '127.0.0.1')
  t.equal(listenHost({ NODE_ENV: 'production' }), '0.0.0.0')
  t.equal(listenHost({ NODE_ENV: 'production', HOST: '10.0.0.1' }), '10.0.0.1')
  t.equal(listenHost({ HOST: '0.0.0.0' }), '0.0.0.0')
})

test('adminHost is the loopback, unless ADMIN_HOST says otherwise', async (t) => {
  t.equal(adminHost({}), '127.0.0.1')
  t.equal(adminHost({ ADMIN_HOST: '10.0.0.1' }), '10.0.0.1')
})
