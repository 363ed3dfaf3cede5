import { test } from 'tap'
import { listenerUrl } from '../../src/listener-url.js'

test('a listener is reached from this machine', async (t) => {
  const url = (address: string, family: string) => listenerUrl({ address, family, port: 8001 })
  t.equal(url('127.0.0.1', 'IPv4'), 'http://127.0.0.1:8001')
  t.equal(url('::1', 'IPv6'), 'http://[::1]:8001')
  t.equal(url('0.0.0.0', 'IPv4'), 'http://localhost:8001')
  t.equal(url('::', 'IPv6'), 'http://localhost:8001')
})
