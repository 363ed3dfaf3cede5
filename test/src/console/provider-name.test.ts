import { test } from 'tap'
import { nameOf } from '../../../src/console/provider-name.js'

test('somebody is called by their address, their name or their id', async (t) => {
  const claims = { sub: 'u-1', preferred_username: 'asha', email: 'asha@shop.example' }
  t.equal(nameOf(claims), 'sso:asha@shop.example')
  t.equal(nameOf({ ...claims, email_verified: true }), 'sso:asha@shop.example')
  t.equal(
    nameOf({ ...claims, email_verified: false }),
    'sso:asha',
    'anybody can say that an address is theirs',
  )
  t.equal(nameOf({ ...claims, email: '' }), 'sso:asha')
  t.equal(nameOf({ sub: 'u-1', email: 7, preferred_username: ['x'] }), 'sso:u-1')
  t.equal(nameOf({ sub: 'आशा' }), 'sso:आशा')
})

test('a name cannot hold a phone number, or what breaks a page or a line', async (t) => {
  const hostile = [
    '+918888800001',
    '918888800001@shop.example',
    '9.1.8-8.8.8.8',
    '٩١٨٨٨٨٨٠٠٠٠١',
    'a\nb',
    '"><script>alert(1)</script>',
    'a b',
    'x'.repeat(65),
  ]
  for (const name of hostile)
    t.match(nameOf({ email: name }), /^sso:[\da-f]{6}$/, name.replace(/\d{4,}/, '…'))
  t.equal(new Set(hostile.map((email) => nameOf({ email }))).size, hostile.length)
  t.equal(nameOf({ email: 'asha.123456@shop.example' }), 'sso:asha.123456@shop.example')
})
