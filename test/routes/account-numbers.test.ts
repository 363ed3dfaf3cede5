import { type Test, test } from 'tap'
import { testClock } from '../clocks.js'
import { documentCheckOnce } from '../documented.js'
import { PAIR } from '../fixtures.js'
import { API, build } from '../helper.js'
import { rentedNumber, type StandIn, startStandIn } from '../vobiz-stand-in.js'

const [A, GONE, FREE, OTHER] = ['+919000000011', '+919000000012', '+919000000021', '+919000000022'] as const
const REAL_NUMBERS = /8888800001|8888800002/
const checkOf = documentCheckOnce()

/** The service with a pool, and an account that has some of it. */
async function serve(t: Test, environment: Record<string, string> = {}, outside = fetch) {
  const standIn = await startStandIn([
    rentedNumber(`+${PAIR.M1}`),
    rentedNumber(A, { application_id: '12345678901234567' }),
    rentedNumber(FREE, { is_blocked: true }),
    rentedNumber(OTHER, { application_id: '22345678901234567' }),
  ])
  t.teardown(() => standIn.close())
  const settings = {
    ...API.environment,
    MASKING_NUMBERS: `${A},${GONE}`,
    ...account(standIn),
    ...environment,
  }
  const { app, logged } = await build(t, settings, testClock(), outside)
  const undocumented = await checkOf(app)
  const ask = async () => {
    const request = { url: '/v1/numbers/account', headers: API.headers }
    const reply = await app.inject(request)
    t.equal(undocumented(request, reply), undefined)
    t.notMatch(reply.body + logged(), REAL_NUMBERS)
    return reply
  }
  return { standIn, ask, logged, app }
}

const account = ({ base, authId, authToken }: StandIn) => ({
  VOBIZ_API_BASE: base,
  VOBIZ_AUTH_ID: authId,
  VOBIZ_AUTH_TOKEN: authToken,
  PUBLIC_BASE_URL: 'https://mask.example.com',
})

test('the numbers of the account and of the pool are shown side by side', async (t) => {
  const { standIn, ask } = await serve(t)
  const fine = { problem: null, remedy: null }
  t.match((await ask()).json(), {
    has_application: false,
    numbers: [{}, { number: A, application: 'other' }, {}, {}, {}],
  })
  standIn.applications.set('12345678901234567', {
    app_id: '12345678901234567',
    app_name: 'callmask',
  } as never)
  t.same((await ask()).json(), {
    has_application: true,
    numbers: [
      {
        number: `+${PAIR.M1}`,
        country: 'IN',
        in_pool: false,
        in_account: true,
        state: 'static_pair',
        application: 'none',
        ...fine,
      },
      {
        number: A,
        country: 'IN',
        in_pool: true,
        in_account: true,
        state: 'active',
        application: 'ours',
        ...fine,
      },
      {
        number: FREE,
        country: 'IN',
        in_pool: false,
        in_account: true,
        state: null,
        application: 'none',
        problem: 'is blocked',
        remedy: 'ask Vobiz why',
      },
      {
        number: OTHER,
        country: 'IN',
        in_pool: false,
        in_account: true,
        state: null,
        application: 'other',
        ...fine,
      },
      {
        number: GONE,
        country: 'IN',
        in_pool: true,
        in_account: false,
        state: 'active',
        application: null,
        problem: 'is not in the account',
        remedy: 'rent it, or correct the setting',
      },
    ],
  })
  t.same(standIn.violations, [])
  t.ok(standIn.requests.every((request) => request.startsWith('GET ')))
})

test('the token that the carrier takes is the one that is set', async (t) => {
  const { ask, app } = await serve(t, { VOBIZ_AUTH_TOKEN: 'new, stand-in-token' })
  t.equal((await ask()).statusCode, 200, 'also while it is rotated')
  await app.close()
})

test('without an account, and where the carrier refuses or says nonsense, there is a problem', async (t) => {
  const without = await serve(t, { VOBIZ_AUTH_ID: '' })
  t.match((await without.ask()).json(), { status: 409, code: 'no_carrier_api' })
  const refused = await serve(t, { VOBIZ_AUTH_TOKEN: 'another-token' })
  t.match((await refused.ask()).json(), { status: 502, code: 'carrier_unavailable' })
  t.match(refused.logged(), /the carrier does not give the numbers of the account/)
  t.notMatch(refused.logged(), /another-token/)
  const nonsense = await serve(t, {}, async () => new Response('+918888800001'))
  t.match((await nonsense.ask()).json(), { status: 502, code: 'carrier_unavailable' })
})
