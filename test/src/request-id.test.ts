import { test } from 'tap'
import { requestIdOf } from '../../src/request-id.js'

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'
const UUID = '8b1f3c52-7a44-4a0f-9d5e-2f6a1c0e7b93'
const NEW = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/

const given = (id: string) => requestIdOf({ 'x-request-id': id })

test('the id of a trace, or else the one that was sent', async (t) => {
  const traceparent = `00-${TRACE}-00f067aa0ba902b7-01`
  t.equal(requestIdOf({ traceparent }), TRACE)
  t.equal(requestIdOf({ traceparent, 'x-request-id': UUID }), TRACE)
  t.equal(requestIdOf({ traceparent: 'nonsense', 'x-request-id': UUID }), UUID)
  for (const id of [
    UUID,
    UUID.toUpperCase(),
    TRACE,
    'ride-42-x',
    'Ab_9-Ab_9',
    'x'.repeat(8),
    'x'.repeat(64),
    'job-123456',
  ])
    t.equal(given(id), id)
})

test('without one it is new', async (t) => {
  const ids = new Set(Array.from({ length: 100 }, () => requestIdOf({})))
  t.equal(ids.size, 100)
  for (const id of ids) t.match(id, NEW)
})

test('what is not well formed is not taken', async (t) => {
  for (const traceparent of [
    '',
    TRACE,
    `01-${TRACE}-00f067aa0ba902b7-01`,
    `00-${TRACE.toUpperCase()}-00f067aa0ba902b7-01`,
    `00-${'0'.repeat(32)}-00f067aa0ba902b7-01`,
    `00-${TRACE}-00f067aa0ba902b7-01-more`,
    `00-${TRACE}0-00f067aa0ba902b7-01`,
    ` 00-${TRACE}-00f067aa0ba902b7-01`,
  ]) {
    t.not(requestIdOf({ traceparent }), TRACE)
    t.match(requestIdOf({ traceparent }), NEW, traceparent)
  }
  for (const id of [
    '',
    'short',
    'x'.repeat(65),
    'with space',
    'ünïcode-id',
    'a,b,c,d,e',
    'x".."x"..',
    'line\nbreak',
    `${UUID}, ${UUID}`,
  ]) {
    t.not(given(id), id)
    t.match(given(id), NEW, id)
  }
})

test('nothing that might be a phone number is taken', async (t) => {
  for (const id of [
    '918888800001',
    '8800001-x',
    'call-918888800001',
    '91-88888-00001',
    '9_1_8_8_8_8_8_0_0_0_0_1',
    '9-1-8-8-8-8-8-0-0-0-0-1',
    'x8888800001x',
    '00000000-0000-0000-0000-918888800001',
    '918888800001'.padStart(32, '0'),
  ]) {
    t.match(given(id), NEW, id)
    t.not(given(id), id)
  }
  const traceparent = `00-${'918888800001'.padStart(32, '0')}-00f067aa0ba902b7-01`
  t.match(requestIdOf({ traceparent }), NEW)
})
