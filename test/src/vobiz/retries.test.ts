import { test } from 'tap'
import type { Outcome } from '../../../src/masking/resolver.js'
import { NONCE_RETRY_MS } from '../../../src/vobiz/nonces.js'
import { createRetries } from '../../../src/vobiz/retries.js'

const dialled = { countryCode: '91', national: '9000000001', dialable: '919000000001' }
const connect = (sessionId?: string, since?: number, destination = '+918888800002'): Outcome => ({
  kind: 'connect',
  dialled,
  leg: { destination, callerIdShown: '+919000000002', sessionId, since },
})
const refused: Outcome = { kind: 'refuse', reason: 'unknown-caller', dialled }
const outdated = { kind: 'refuse', reason: 'outdated-retry', dialled }

test('a retry on the instance that answered first gets the very leg or a refusal', async (t) => {
  const retries = createRetries({ now: () => 100 })
  const again = { kind: 'retry', at: 100 } as const
  t.equal(retries.settle('1', { kind: 'new', at: 100 }, connect('s_1', 100)).kind, 'connect')
  t.same(retries.settle('1', again, connect('s_1', 100)), connect('s_1', 100))
  t.same(retries.settle('1', again, refused), refused, 'what is over is over')
  t.same(retries.settle('1', again, connect('s_2', 100)), outdated, 'another session')
  t.same(retries.settle('1', again, connect('s_1', 100, '+918888800003')), outdated, 'another participant')

  retries.settle('2', { kind: 'new', at: 100 }, refused)
  t.same(retries.settle('2', again, connect('s_1', 1)), outdated, 'whoever was refused stays refused')

  retries.settle('3', { kind: 'new', at: 100 }, connect())
  t.same(retries.settle('3', again, connect()), connect(), 'the static pair')
})

test('a retry of what another instance answered gets only a leg that is older than the first request', async (t) => {
  let now = 0
  const retries = createRetries({ now: () => now })
  const again = { kind: 'retry', at: 100 } as const
  t.same(retries.settle('1', again, connect('s_1', 99)), connect('s_1', 99))
  t.same(retries.settle('1', again, connect('s_1', 100)), outdated)
  t.same(retries.settle('1', again, connect('s_1', 101)), outdated)
  t.same(retries.settle('1', again, connect()), connect())

  retries.settle('2', { kind: 'new', at: 0 }, connect('s_1', 0))
  now = NONCE_RETRY_MS
  t.match(retries.settle('2', { kind: 'retry', at: 0 }, connect('s_1', 0)), { kind: 'connect' })
})
