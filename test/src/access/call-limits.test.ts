import { test } from 'tap'
import { createCallLimits, LIMIT_WINDOW_MS, MAX_REFUSALS } from '../../../src/access/call-limits.js'
import type { PhoneNumber } from '../../../src/masking/phone-number.js'
import type { Outcome } from '../../../src/masking/resolver.js'

const number = (national: string): PhoneNumber => ({ countryCode: '91', national, dialable: `91${national}` })
const [dialled, other] = [number('9000000001'), number('9000000002')]
const refused: Outcome = { kind: 'refuse', reason: 'unknown-caller', dialled }
const connected: Outcome = { kind: 'connect', dialled, leg: { destination: '+1', callerIdShown: '+2' } }
const caller = (digits: string) => ({ digits, international: false })

function limits(maxCalls?: number) {
  const clock = { now: 0 }
  return { clock, ...createCallLimits({ now: () => clock.now, maxCalls }) }
}

test('a caller who was refused too often on a number is refused there for the rest of the minute', async (t) => {
  const { clock, limitOf, count } = limits()
  const again = () => count({ outcome: refused, from: '+918888800001', callId: undefined })
  for (let i = 1; i < MAX_REFUSALS; i += 1) again()
  t.equal(limitOf(dialled, caller('918888800001')), undefined)
  again()
  t.equal(limitOf(dialled, caller('918888800001')), 'caller-limit')
  t.equal(limitOf(dialled, caller('918888800002')), undefined, 'others are not')
  t.equal(limitOf(other, caller('918888800001')), undefined, 'where they have a session, they are not')
  t.equal(limitOf(dialled, undefined), undefined)
  clock.now = LIMIT_WINDOW_MS - 1
  t.equal(limitOf(dialled, caller('918888800001')), 'caller-limit')
  clock.now = LIMIT_WINDOW_MS
  t.equal(limitOf(dialled, caller('918888800001')), undefined)
  again()
  t.equal(limitOf(dialled, caller('918888800001')), undefined, 'and they are counted anew')
})

test('connected calls do not count as refusals, and a repeated call counts once', async (t) => {
  const { limitOf, count } = limits()
  for (let i = 0; i <= MAX_REFUSALS; i += 1) {
    count({ outcome: connected, from: '1', callId: undefined })
    count({ outcome: refused, from: '2', callId: 'the same' })
    count({ outcome: { kind: 'refuse', reason: 'not-a-masking-number' }, from: '3', callId: undefined })
    count({ outcome: refused, from: 'anonymous', callId: undefined })
  }
  for (const digits of ['1', '2', '3']) t.equal(limitOf(dialled, caller(digits)), undefined, digits)
})

test('a masking number takes a limited number of calls a minute', async (t) => {
  const { clock, limitOf, count } = limits(3)
  for (const from of ['1', 'anonymous']) count({ outcome: refused, from, callId: undefined })
  for (const _ of [1, 2]) count({ outcome: connected, from: '1', callId: 'the same' })
  t.equal(limitOf(dialled, caller('1')), 'number-limit')
  t.equal(limitOf(dialled, undefined), 'number-limit')
  t.equal(limitOf(other, caller('1')), undefined)
  clock.now = LIMIT_WINDOW_MS
  t.equal(limitOf(dialled, caller('1')), undefined)
})
