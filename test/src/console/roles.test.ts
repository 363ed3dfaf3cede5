import { test } from 'tap'
import { readRoles, scopesOf } from '../../../src/console/roles.js'

test('the rules of roles are read, and what is none is refused', async (t) => {
  t.same(readRoles('support=desk, admin = a=b ,admin=other'), [
    { role: 'support', value: 'desk' },
    { role: 'admin', value: 'a=b' },
    { role: 'admin', value: 'other' },
  ])
  for (const text of ['', ',', 'support', 'support=', 'boss=x', 'constructor=x', 'support=desk,x'])
    t.equal(readRoles(text), undefined, text)
})

test('a claim allows what its roles allow', async (t) => {
  const rules = readRoles('support=desk,operator=ops,admin=callmask-admins') ?? []
  t.same(scopesOf('desk', rules), ['sessions:read', 'sessions:write', 'people:read', 'explain', 'calls:read'])
  t.same(scopesOf(['others', 'ops', 'desk'], rules), [
    'sessions:read',
    'sessions:write',
    'people:read',
    'explain',
    'numbers:write',
    'calls:read',
    'metrics:read',
    'events:read',
    'webhooks:read',
    'webhooks:write',
  ])
  t.same(scopesOf(['callmask-admins'], rules), ['admin'])
  for (const claim of [
    undefined,
    null,
    '',
    'Desk',
    'desk,ops',
    7,
    true,
    {},
    { desk: true },
    [['desk']],
    [null],
  ])
    t.same(scopesOf(claim, rules), [], JSON.stringify(claim))
})
