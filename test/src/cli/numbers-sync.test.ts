import { type Test, test } from 'tap'
import { cli, environmentOf, fetchWith, PUBLIC } from '../../cli-helper.js'
import { API, build } from '../../helper.js'
import { rentedNumber, type StandInNumber, startStandIn } from '../../vobiz-stand-in.js'

const [M1, M2] = ['+919000000001', '+919000000002'] as const
const [A, B, FREE, GONE] = ['+919000000011', '+919000000012', '+919000000021', '+919000000013'] as const
const OTHER_APP = '12345678901234567'

/** A service with a pool, and an account with these numbers whose application is set up for the static pair. */
async function world(t: Test, pool: string[], numbers: StandInNumber[]) {
  const account = await startStandIn([rentedNumber(M1), rentedNumber(M2), ...numbers])
  t.teardown(async () => {
    await account.close()
    if (account.violations.length > 0) throw new Error(`not in the API: ${account.violations.join(', ')}`)
  })
  const { app } = await build(t, { ...API.environment, MASKING_NUMBERS: pool.join() })
  const environment = { ...environmentOf(account), API_KEYS: API.environment.API_KEYS }
  const io = { fetch: fetchWith(app) }
  const runIn = (more: Record<string, string>, ...args: string[]) =>
    cli(['numbers', 'sync', '--url', PUBLIC, ...args], { ...environment, ...more }, io)
  const run = (...args: string[]) => runIn({}, ...args)
  const setup = () => cli(['setup'], environment)
  const attached = () =>
    [...account.numbers.values()].filter(({ application_id }) => application_id).map(({ e164 }) => e164)
  return { account, run, runIn, setup, attached }
}

test('sync shows the account and the pool side by side, and attaches what is missing', async (t) => {
  const { account, run, setup, attached } = await world(
    t,
    [A, B],
    [rentedNumber(A), rentedNumber(B), rentedNumber(FREE)],
  )
  t.match(await run(), { code: 2, err: /no application of ours: run `npx callmask setup` first/ })
  await setup()

  const before = account.requests.length
  const dry = await run('--dry-run')
  t.equal(dry.code, 0)
  t.equal(
    dry.out,
    `NUMBER         COUNTRY  POOL         ATTACHED TO  TAKES CALLS
${M1}  IN       static pair  callmask     yes
${M2}  IN       static pair  callmask     yes
${A}  IN       active       -            yes
${B}  IN       active       -            yes
${FREE}  IN       -            -            yes

Not in the pool: npx callmask numbers add ${FREE}
to do: attach ${A}
to do: attach ${B}
`,
  )
  t.ok(account.requests.slice(before).every((request) => request.startsWith('GET')))

  t.match(await run(), { code: 0, out: new RegExp(`done: attach \\${A}\ndone: attach \\${B}\n`) })
  t.same(attached(), [M1, M2, A, B])
  t.match(await run(), { code: 0, out: /Every number of the pool is attached\.\n$/ })
})

test('sync attaches what it can, and says what stands in the way of the others', async (t) => {
  const numbers = [rentedNumber(A, { application_id: OTHER_APP }), rentedNumber(B)]
  const { run, setup, attached } = await world(t, [A, B, GONE], numbers)
  await setup()
  const { code, out } = await run()
  t.equal(code, 1)
  t.match(out, `done: attach ${B}\n`)
  t.match(out, `problem: ${A} belongs to another application (${OTHER_APP}): --take-over moves it here\n`)
  t.match(out, `${GONE}  IN       active       -                  no: is not in the account\n`)
  t.match(out, `problem: ${GONE} is not in the account`)
  t.same(attached(), [M1, M2, A, B])

  const json = JSON.parse((await run('--take-over', '--json')).out)
  t.match(json, { problems: { length: 1 }, planned: [`attach ${A}`], done: [`attach ${A}`] })
  t.match(
    json.numbers.find(({ number }: { number: string }) => number === A),
    { country: 'IN', pool: 'active', attachedTo: OTHER_APP },
  )
})

test('sync offers for the pool what is fit and free or ours, and knows the static pair where there is one', async (t) => {
  const OURS = '+919000000022'
  const [TAKEN, BLOCKED] = ['+919000000023', '+919000000024']
  const numbers = [
    rentedNumber(A),
    rentedNumber(FREE),
    rentedNumber(OURS),
    rentedNumber(TAKEN, { application_id: OTHER_APP }),
    rentedNumber(BLOCKED, { is_blocked: true }),
  ]
  const { account, run, runIn, setup } = await world(t, [A], numbers)
  await setup()
  const [ours] = account.applications.keys()
  Object.assign(account.numbers.get(OURS) ?? {}, { application_id: ours })

  const { out } = await run('--dry-run')
  t.match(out, `Not in the pool: npx callmask numbers add ${FREE} ${OURS}\n`)
  t.match(out, `${BLOCKED}  IN       -            -                  no: is blocked\n`)
  t.match(out, `${M1}  IN       static pair  callmask           yes\n`)

  const nationally = await runIn({ DEFAULT_COUNTRY: 'IN', M1: '09000000001' }, '--dry-run')
  t.equal(nationally.out, out, 'in whatever spelling')
  const unpaired = await runIn({ M1: '', M2: '' }, '--dry-run')
  t.match(unpaired.out, `Not in the pool: npx callmask numbers add ${M1} ${M2} ${FREE} ${OURS}\n`)
})

test('sync that is broken off says what was done, and completes it when it is run again', async (t) => {
  const { account, run, setup, attached } = await world(t, [A, B], [rentedNumber(A), rentedNumber(B)])
  await setup()
  account.fault = (_index, request) =>
    request.includes(encodeURIComponent(B)) ? { status: 400, body: {} } : undefined
  const broken = await run()
  t.equal(broken.code, 1)
  t.match(broken.out, `done: attach ${A}\nto do: attach ${B}\n`)
  account.fault = undefined
  t.equal((await run()).code, 0)
  t.same(attached(), [M1, M2, A, B])
})

test('sync needs the service and says so', async (t) => {
  const environment = { API_KEYS: 'another-key-of-the-tests-0000' }
  const { app } = await build(t, API.environment)
  const refused = await cli(['numbers', 'sync', '--url', PUBLIC], environment, { fetch: fetchWith(app) })
  t.match(refused, { code: 1, err: /No valid API key/ })
  const json = await cli(['numbers', 'sync', '--url', PUBLIC, '--json'], environment, {
    fetch: fetchWith(app),
  })
  t.match(json, { code: 1, err: refused.err })
  t.match(JSON.parse(json.out), { status: 401, code: 'unauthorized' })
})
