import { type Test, test } from 'tap'
import { saidBy } from '../../../src/vobiz/api-error.js'
import { cli, environmentOf } from '../../cli-helper.js'
import { type Fault, rentedNumber, type StandIn, startStandIn } from '../../vobiz-stand-in.js'

async function account(t: Test): Promise<StandIn> {
  const standIn = await startStandIn([rentedNumber('+919000000001')])
  t.teardown(() => standIn.close())
  return standIn
}

/** A fault of the first `count` requests. */
const first = (count: number, fault: Fault) => (index: number) => (index < count ? fault : undefined)

test('a request is retried while the API is busy or broken', async (t) => {
  const cases: [Fault, waits: number[]][] = [
    [{ status: 429, headers: { 'retry-after': '7' } }, [7_000]],
    [{ status: 429, headers: { 'retry-after': '3600' } }, [30_000]],
    [{ status: 503 }, [500]],
    [{ status: 0, drop: true }, [500]],
  ]
  for (const [fault, expected] of cases) {
    const standIn = await account(t)
    standIn.fault = (index, request) => (request.includes('/numbers') && index < 2 ? fault : undefined)
    const { code, waits } = await cli(['numbers'], environmentOf(standIn))
    t.equal(code, 0)
    t.same(
      waits.filter((ms) => ms > 0),
      expected,
      JSON.stringify(fault),
    )
  }
})

test('a request is given up after four attempts', async (t) => {
  const standIn = await account(t)
  standIn.fault = first(100, { status: 500 })
  const { code, err, waits } = await cli(['numbers'], environmentOf(standIn))
  t.equal(code, 1)
  t.match(err, 'error: Vobiz has a problem of its own: run it again later')
  t.ok(waits.includes(2_000) && !waits.includes(4_000), 'four attempts')
})

test('a redirect is not followed, because the token would go along', async (t) => {
  const [standIn, elsewhere] = [await account(t), await account(t)]
  standIn.fault = first(100, { status: 302, headers: { location: `${elsewhere.base}/stolen` } })
  const { code, err } = await cli(['numbers'], environmentOf(standIn))
  t.match({ code, err }, { code: 1, err: 'error: The API answered with 302\n' })
  t.same(elsewhere.requests, [])
})

test('the token is sent over https only', async (t) => {
  const environment = { ...environmentOf(await account(t)), VOBIZ_API_BASE: 'http://api.example.com' }
  const { code, err } = await cli(['numbers'], environment)
  t.match({ code, err }, { code: 2, err: /^error: VOBIZ_API_BASE is not valid/ })
})

test('an application is not created twice when the answer got lost', async (t) => {
  const standIn = await startStandIn([rentedNumber('+919000000001'), rentedNumber('+919000000002')])
  t.teardown(() => standIn.close())
  standIn.fault = (_index, request) =>
    request.startsWith('POST') && request.endsWith('Application/') ? { status: 502, after: true } : undefined
  t.equal((await cli(['setup'], environmentOf(standIn))).code, 1)
  t.equal(standIn.applications.size, 1)
})

test('errors say what to do, and quote no token and no number', async (t) => {
  const cases: [number, string][] = [
    [401, 'VOBIZ_AUTH_ID or VOBIZ_AUTH_TOKEN is wrong, or the account is a sub-account'],
    [402, 'The balance of the account is used up'],
    [404, 'It is not there'],
    [418, 'The API answered with 418'],
  ]
  for (const [status, remedy] of cases) {
    const standIn = await account(t)
    const body = { error: `no ${standIn.authToken} for +918888800001`, details: {} }
    standIn.fault = first(100, { status, body })
    const { code, out, err } = await cli(['numbers'], environmentOf(standIn))
    t.equal(code, 1)
    t.match(err, `error: Vobiz says: no … for +…01. ${remedy}`)
    t.notMatch(out + err, standIn.authToken)
  }

  const standIn = await account(t)
  const { err } = await cli(['numbers'], { ...environmentOf(standIn), VOBIZ_AUTH_TOKEN: 'wrong-token' })
  t.match(err, /^error: Vobiz says: .*\. VOBIZ_AUTH_ID or VOBIZ_AUTH_TOKEN is wrong/)
  t.notMatch(err, 'wrong-token')
})

test('an error that quotes the Answer URL shows no path secret, whether it is in the settings or was', async (t) => {
  const [secret, old] = ['a-secret-of-more-than-128-bits', 'another-secret-of-128-bits-x']
  const standIn = await account(t)
  const quotes = [
    `https://mask.example.com/${secret}/answer is no URL`,
    `https://mask.example.com/${old}/answer is no URL`,
    `"https://mask.example.com/base/${old}/answer", 'https://user@mask.example.com/${old}'`,
    `/${old}/answer is taken`,
    `mask.example.com/${old}/answer is taken`,
    `https%3A%2F%2Fmask.example.com%2F${secret}%2Fanswer`,
  ]
  for (const error of quotes) {
    standIn.fault = () => ({ status: 422, body: { error, details: { answer_url: error } } })
    for (const args of [['numbers'], ['setup'], ['doctor'], ['doctor', '--json']]) {
      const { out, err } = await cli(args, {
        ...environmentOf(standIn),
        WEBHOOK_PATH_SECRET: `${secret},${'b'.repeat(30)}`,
      })
      t.match(out + err, 'Vobiz says')
      for (const hidden of [secret, old]) t.notMatch(out + err, hidden)
    }
  }
})

test('saidBy reads every shape of an error', async (t) => {
  t.equal(saidBy({ status: 'error', error: { code: 'X', message: 'a', details: { f: 'b' } } }), 'a, f: b')
  t.equal(saidBy({ error: 'a', details: { app_name: 'b' } }), 'a, app_name: b')
  t.equal(saidBy({ api_id: '1', error: 'a', message: 'b' }), 'a, b')
  t.equal(saidBy({ api_id: '1', error: 'a' }), 'a')
  for (const nothing of [undefined, null, 'text', 5, {}, { error: null }]) t.equal(saidBy(nothing), '')
})
