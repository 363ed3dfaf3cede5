import { test } from 'tap'
import { API, build } from '../helper.js'

const [KEY, SECOND] = ['k'.repeat(22), 's'.repeat(40)]

test('the API admits only requests with a valid key', async (t) => {
  const { app } = await build(t, { ...API.environment, API_KEYS: `${KEY}, ${SECOND}` })
  const statusWith = async (authorization: string | undefined, url = '/v1/numbers') =>
    (await app.inject({ url, headers: { ...(authorization !== undefined && { authorization }) } })).statusCode

  for (const key of [KEY, SECOND]) {
    t.equal(await statusWith(`Bearer ${key}`), 200)
    t.equal(await statusWith(`bearer  ${key}`), 200)
  }
  const wrong = [
    undefined,
    '',
    'Bearer',
    'Bearer ',
    KEY,
    `Basic ${KEY}`,
    `Bearer ${KEY}x`,
    `Bearer ${KEY.slice(1)}`,
  ]
  for (const authorization of [...wrong, `Bearer ${KEY}, ${SECOND}`, `Bearer ${'é'.repeat(22)}`]) {
    t.equal(await statusWith(authorization), 401, String(authorization))
    t.equal(
      await statusWith(authorization, '/v1/nothing'),
      401,
      'a stranger does not learn which paths exist',
    )
  }
  const refused = await app.inject('/v1/numbers')
  t.match(refused.headers, { 'www-authenticate': 'Bearer', 'content-type': /problem\+json/ })
  t.match(refused.json(), { status: 401, code: 'unauthorized' })
})

test('without keys the API does not exist', async (t) => {
  const { app } = await build(t, { ...API.environment, API_KEYS: '' })
  for (const url of ['/v1/numbers', '/v1/sessions', '/openapi.json', '/docs']) {
    t.match(
      await app.inject({ url, headers: API.headers }),
      { statusCode: 404, body: '{"error":"not found"}' },
      url,
    )
  }
})
