import { test } from 'tap'
import { keyLine } from '../../src/access/api-key.js'
import { createSecret } from '../../src/access/key-secret.js'
import { testClock } from '../clocks.js'
import { documentCheck } from '../documented.js'
import { API, build } from '../helper.js'

test('a key tells its name, what it may do, and when it expires', async (t) => {
  const clock = testClock()
  const { text, id, hash } = createSecret()
  const desk = { name: 'desk', scopes: ['explain'], origin: 'configuration', id, hash } as const
  const line = keyLine({ ...desk, expiresAt: clock.time + 1_000 })
  const { app } = await build(t, { ...API.environment, API_KEY_HASHES: line }, clock)
  const undocumented = await documentCheck(app)
  const ask = async (headers: Record<string, string>) => {
    const request = { url: '/v1/me', headers }
    const reply = await app.inject(request)
    t.equal(undocumented(request, reply), undefined)
    return reply.json()
  }
  t.same(await ask(API.headers), { name: 'environment-1', scopes: ['admin'] })
  t.same(await ask({ authorization: `Bearer ${text}` }), {
    name: 'desk',
    scopes: ['explain'],
    expires_at: '2100-01-01T00:00:01.000Z',
  })
  t.match(await ask({}), { code: 'unauthorized' })
})
