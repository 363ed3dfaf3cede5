import { test } from 'tap'
import { allows, isScope, SCOPES } from '../../../src/access/scopes.js'

test('a scope allows itself alone, and admin allows all', async (t) => {
  for (const needed of SCOPES) {
    for (const scope of SCOPES) t.equal(allows([scope], needed), scope === needed || scope === 'admin')
    t.notOk(allows([], needed))
  }
  t.ok(allows([], 'any'))
  t.ok(isScope('explain'))
  t.notOk(isScope('any'), 'which is what a route may ask, and nothing that a key has')
})
