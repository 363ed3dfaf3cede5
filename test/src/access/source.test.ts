import type { IncomingMessage } from 'node:http'
import { test } from 'tap'
import { ownerOf, sourceReader } from '../../../src/access/source.js'

function request(remoteAddress: string, forwarded?: string): IncomingMessage {
  const headers = forwarded === undefined ? {} : { 'x-forwarded-for': forwarded }
  return { socket: { remoteAddress }, connection: { remoteAddress }, headers } as unknown as IncomingMessage
}

test('the source is the peer, or the address that a trusted proxy names', async (t) => {
  const read = sourceReader(['10.0.0.0/8'])
  t.equal(read(request('203.0.113.7')), '203.0.113.7')
  t.equal(read(request('203.0.113.7', '198.51.100.1')), '203.0.113.7')
  t.equal(read(request('10.0.0.1', '198.51.100.1')), '198.51.100.1')
  t.equal(read(request('10.0.0.1', '9.9.9.9, 198.51.100.1, 10.0.0.2')), '198.51.100.1')
  t.equal(read(request('::ffff:203.0.113.7')), '203.0.113.7')
  t.equal(read(request('2001:db8::1')), '2001:db8::1')
  t.equal(read(request('10.0.0.1', '+91 98000 00001')), 'unknown', 'what is no address is not told on')
})

test('an IPv6 source counts by its /64, an IPv4 source by its address', async (t) => {
  t.equal(ownerOf('203.0.113.7'), '203.0.113.7')
  t.equal(ownerOf('unknown'), 'unknown')
  for (const address of [
    '2001:db8:0:1::1',
    '2001:DB8:0:1:ffff:ffff:ffff:ffff',
    '2001:0db8:0000:0001:0:0:0:9',
  ])
    t.equal(ownerOf(address), '2001:db8:0:1::/64', address)
  t.equal(ownerOf('2001:db8::1'), '2001:db8:0:0::/64')
  t.equal(ownerOf('::1'), '0:0:0:0::/64')
})
