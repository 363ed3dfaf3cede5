import { test } from 'tap'
import { testClock } from '../clocks.js'
import { documentCheck } from '../documented.js'
import { API, build } from '../helper.js'

test('the API shows the pool, and sets a number draining or active', async (t) => {
  const { app } = await build(t, API.environment, testClock())
  const undocumented = await documentCheck(app)
  const ask = async (method: 'GET' | 'PUT' | 'POST', url: string, payload?: object) => {
    const request = { method, url, headers: API.headers, ...(payload && { payload }) }
    const reply = await app.inject(request)
    t.equal(undocumented(request, reply), undefined)
    return reply
  }
  const numbers = ['+919000000011', '+919000000012', '+919000000013']

  t.same((await ask('GET', '/v1/numbers')).json(), {
    numbers: numbers.map((number) => ({ number, state: 'active', open_legs: 0 })),
    head_room: 3,
  })
  await ask('POST', '/v1/sessions', { participants: [{ number: '9800000001' }, { number: '9800000002' }] })
  const { numbers: used, head_room } = (await ask('GET', '/v1/numbers')).json()
  t.equal(head_room, 2)
  t.equal(
    used.reduce((sum: number, { open_legs }: { open_legs: number }) => sum + open_legs, 0),
    2,
  )

  for (const spelling of ['+919000000011', '%2B91%2090000%2000011', '09000000011']) {
    const reply = await ask('PUT', `/v1/numbers/${spelling}`, { state: 'draining' })
    t.same(reply.json(), { number: '+919000000011', state: 'draining' }, spelling)
  }
  t.match((await ask('GET', '/v1/numbers')).json(), { numbers: [{ state: 'draining' }, { state: 'active' }] })
  await ask('PUT', '/v1/numbers/+919000000011', { state: 'active' })
  t.match((await ask('GET', '/v1/numbers')).json(), { numbers: [{ state: 'active' }] })

  for (const other of ['+919000000001', '+919800000001', 'nonsense']) {
    const reply = await ask('PUT', `/v1/numbers/${other}`, { state: 'draining' })
    t.match(reply.json(), { status: 404, code: 'number_not_in_pool' })
    t.notMatch(reply.body, /9800000001/)
  }
  const wrong = await ask('PUT', '/v1/numbers/+919000000011', { state: 'gone' })
  t.match(wrong.json(), { status: 400, code: 'invalid_request', errors: [{ field: 'state' }] })
})
