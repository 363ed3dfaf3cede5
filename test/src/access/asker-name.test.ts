import { test } from 'tap'
import { ASKER_NAME_PATTERN, isAskerName, MAX_ASKER_NAME } from '../../../src/access/asker-name.js'

const NAMES = [
  'environment-1',
  'support',
  'sso:asha@example.com',
  'sso:aishwarya_1990',
  'sso:आशा',
  'sso:123456',
]
const NUMBERS = ['+918888800001', 'phone-88-88-80-0001', 'sso:8888800', 'a8b8c8d8e8f0g0']

test('a name is taken that cannot hold a phone number', async (t) => {
  const pattern = new RegExp(ASKER_NAME_PATTERN, 'u')
  for (const name of NAMES) t.ok(isAskerName(name) && pattern.test(name), name)
  for (const name of NUMBERS) t.notOk(isAskerName(name) || pattern.test(name), name)
  t.notOk(isAskerName('८८८८८०००१'), 'digits of any script count')
  t.notOk(isAskerName(''))
  t.notOk(isAskerName('<b>'))
  t.ok(isAskerName('x'.repeat(MAX_ASKER_NAME)))
  t.notOk(isAskerName('x'.repeat(MAX_ASKER_NAME + 1)))
})
