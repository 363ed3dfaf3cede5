import { type Test, test } from 'tap'
import { cli, environmentOf, PUBLIC } from '../../cli-helper.js'
import { rentedNumber, type StandIn, type StandInNumber, startStandIn } from '../../vobiz-stand-in.js'

const [M1, M2] = ['+919000000001', '+919000000002'] as const

async function account(
  t: Test,
  numbers: StandInNumber[] = [rentedNumber(M1), rentedNumber(M2)],
): Promise<StandIn> {
  const standIn = await startStandIn(numbers)
  t.teardown(async () => {
    await standIn.close()
    if (standIn.violations.length > 0) throw new Error(`not in the API: ${standIn.violations.join(', ')}`)
  })
  return standIn
}

/** What a run left behind, without the ids. */
function stateOf({ applications, numbers }: StandIn): unknown {
  return {
    applications: [...applications.values()].map(({ app_id: _, ...application }) => application),
    attached: [...numbers.values()].map(({ e164, application_id }) => [
      e164,
      application_id && applications.get(application_id)?.app_name,
    ]),
  }
}

const WANTED = {
  app_name: 'callmask',
  answer_url: `${PUBLIC}/answer`,
  answer_method: 'POST',
  hangup_url: `${PUBLIC}/answer`,
  hangup_method: 'POST',
}
const DONE = {
  applications: [WANTED],
  attached: [
    [M1, 'callmask'],
    [M2, 'callmask'],
  ],
}

const changes = ({ requests }: StandIn) => requests.filter((request) => !request.startsWith('GET'))

test('setup creates the application and attaches every masking number; run again, it changes nothing', async (t) => {
  const standIn = await account(t)
  const environment = environmentOf(standIn)
  const first = await cli(['setup'], environment)
  t.equal(first.code, 0)
  t.match(first.out, `done: create the application callmask\ndone: attach ${M1}\ndone: attach ${M2}\n`)
  t.match(first.out, 'Everything is set up. Run `npx callmask doctor` to check every link.')
  t.match(stateOf(standIn), DONE)

  const before = changes(standIn).length
  t.equal((await cli(['setup'], environment)).code, 0)
  t.equal(changes(standIn).length, before)
})

test('setup attaches the numbers of the pool, and each number once', async (t) => {
  const [M3, M4] = ['+919000000003', '+919000000004'] as const
  const rented = () => [M1, M2, M3, M4].map((e164) => rentedNumber(e164))
  const attachedBy = async (numbers: Record<string, string>) => {
    const standIn = await account(t, rented())
    const { out, code } = await cli(['setup'], { ...environmentOf(standIn), ...numbers })
    t.equal(code, 0)
    return [...out.matchAll(/^done: attach (.*)$/gm)].map(([, e164]) => e164)
  }
  const noPair = { M1: '', M2: '', FE: '', CUSTOMER: '' }
  t.same(await attachedBy({ ...noPair, MASKING_NUMBERS: `${M4},${M3}` }), [M4, M3], 'only a pool')
  t.same(await attachedBy({ MASKING_NUMBERS: `${M3},${M2}` }), [M1, M2, M3], 'a pool and the static pair')
})

test('setup updates what differs', async (t) => {
  const standIn = await account(t)
  const environment = environmentOf(standIn)
  await cli(['setup'], environment)
  const secret = 'a-secret-of-more-than-128-bits'
  const { out } = await cli(['setup', '--fallback-url', 'https://other.example.com/'], {
    ...environment,
    WEBHOOK_PATH_SECRET: `${secret},${secret}-old`,
  })
  t.match(out, 'done: update the application callmask: answer_url, hangup_url, fallback_answer_url')
  t.notMatch(out, secret, 'the path secret stays out of the terminal')
  t.match(stateOf(standIn), {
    applications: [
      { answer_url: `${PUBLIC}/${secret}/answer`, fallback_answer_url: 'https://other.example.com/' },
    ],
  })
  t.equal(standIn.applications.size, 1)
})

test('setup --dry-run only says what it would do', async (t) => {
  const standIn = await account(t)
  const { code, out } = await cli(['setup', '--dry-run'], environmentOf(standIn))
  t.equal(code, 0)
  t.equal(out, `To do:\n  create the application callmask\n  attach ${M1}\n  attach ${M2}\n`)
  t.same(changes(standIn), [])

  await cli(['setup'], environmentOf(standIn))
  t.equal((await cli(['setup', '--dry-run'], environmentOf(standIn))).out, 'Everything is set up.\n')
})

test('setup reports what stands in the way before it changes anything', async (t) => {
  const cases: [StandInNumber[], string][] = [
    [[rentedNumber(M1)], `${M2} is not in the account: rent it, or correct the setting`],
    [[rentedNumber(M1), rentedNumber(M2, { is_blocked: true })], `${M2} is blocked: ask Vobiz why`],
    [
      [rentedNumber(M1), rentedNumber(M2, { is_trial_number: true })],
      `${M2} is a trial number, which gets no incoming calls: rent a number`,
    ],
    [
      [rentedNumber(M1), rentedNumber(M2, { voice_enabled: false })],
      `${M2} takes no voice calls: rent a number with voice`,
    ],
    [
      [rentedNumber(M1), rentedNumber(M2, { trunk_group_id: 'trunk' })],
      `${M2} is on a SIP trunk, which takes its calls: remove it from the trunk in the console`,
    ],
    [
      [rentedNumber(M1), rentedNumber(M2, { application_id: '12345678901234567' })],
      `${M2} belongs to another application (12345678901234567): --take-over moves it here`,
    ],
  ]
  for (const [numbers, problem] of cases) {
    const standIn = await account(t, numbers)
    const { code, out } = await cli(['setup'], environmentOf(standIn))
    t.equal(code, 1)
    t.equal(out, `Nothing was changed:\n  ${problem}\n`)
    t.same(changes(standIn), [])

    const json = await cli(['setup', '--json'], environmentOf(standIn))
    t.match(JSON.parse(json.out), { problems: [problem], done: [] })
  }
})

test('setup --take-over moves a number from another application', async (t) => {
  const standIn = await account(t, [
    rentedNumber(M1, { application_id: '12345678901234567' }),
    rentedNumber(M2),
  ])
  t.equal((await cli(['setup', '--take-over'], environmentOf(standIn))).code, 0)
  t.match(stateOf(standIn), DONE)
})

test('setup --json is one document, also for a dry run', async (t) => {
  const standIn = await account(t)
  const dry = await cli(['setup', '--json', '--dry-run'], environmentOf(standIn))
  t.match(JSON.parse(dry.out), { problems: [], planned: { length: 3 }, done: [] })
  const { out } = await cli(['setup', '--json'], environmentOf(standIn))
  t.match(JSON.parse(out), { done: ['create the application callmask', `attach ${M1}`, `attach ${M2}`] })
})

test('setup that is killed at any request, before or after it took effect, is completed by the next run', async (t) => {
  for (const after of [false, true]) {
    for (let at = 0; ; at++) {
      const standIn = await account(t)
      standIn.fault = (index) =>
        index >= at ? { status: 0, drop: true, after: after && index === at } : undefined
      const killed = await cli(['setup'], environmentOf(standIn))
      standIn.fault = undefined
      if (killed.code === 0) break
      t.equal(killed.code, 1)
      t.match(killed.err, 'error: There is no answer: check VOBIZ_API_BASE and the network')
      const again = await cli(['setup'], environmentOf(standIn))
      t.equal(again.code, 0)
      t.match(stateOf(standIn), DONE, `killed at request ${at}`)
      t.equal(standIn.applications.size, 1)
    }
  }
})

test('setup that stops half way says what was done', async (t) => {
  const standIn = await account(t)
  standIn.fault = (_index, request) => (request.includes('%2B919000000002') ? { status: 422 } : undefined)
  const { code, out, err } = await cli(['setup'], environmentOf(standIn))
  t.equal(code, 1)
  t.match(out, `done: create the application callmask\ndone: attach ${M1}\n`)
  t.match(
    err,
    'stopped after 2 of 3 steps; run it again to complete it\nerror: Vobiz does not accept these values',
  )
})

test('teardown detaches the numbers and deletes the application', async (t) => {
  const standIn = await account(t)
  const environment = environmentOf(standIn)
  await cli(['setup'], environment)

  t.test('teardown asks before it changes anything', async (t) => {
    const questions: string[] = []
    const confirm = async (question: string) => questions.push(question) < 0
    const { code, out } = await cli(['teardown'], environment, { confirm })
    t.same(questions, ['Detach 2 numbers and delete the application callmask?'])
    t.match({ code, out }, { code: 1, out: 'Nothing was changed.\n' })
    t.match(stateOf(standIn), DONE)
  })

  t.test('a teardown that stops half way is completed by the next run', async (t) => {
    standIn.fault = (_index, request) => (request.includes('%2B919000000002') ? { status: 403 } : undefined)
    const stopped = await cli(['teardown', '--yes'], environment)
    t.equal(stopped.code, 1)
    t.match(stopped.err, `stopped after: detach ${M1}; run it again to complete it`)
    standIn.fault = (_index, request) => (request.startsWith('DELETE') ? { status: 403 } : undefined)
    t.match((await cli(['teardown', '--yes'], environment)).err, 'stopped after: nothing;')
    t.same(JSON.parse((await cli(['teardown', '--yes', '--json'], environment)).out), { done: [] })
    t.same(JSON.parse((await cli(['teardown', '--json'], environment)).out), { done: [] }, 'declined')
    standIn.fault = undefined

    const { code, out } = await cli(['teardown'], environment, { confirm: async () => true })
    t.match({ code, out }, { code: 0, out: `done: detach ${M2}\ndone: delete the application callmask\n` })
    t.equal(standIn.applications.size, 0)
    t.ok(standIn.numbers.has(M1), 'the numbers stay rented')
  })

  t.test('teardown changes nothing when there is no application', async (t) => {
    t.equal((await cli(['teardown', '--yes'], environment)).out, 'There is no application callmask.\n')
    t.same(JSON.parse((await cli(['teardown', '--json'], environment)).out), { done: [] })
  })

  t.test('teardown --json lists what was done', async (t) => {
    await cli(['setup'], environment)
    const { out } = await cli(['teardown', '--yes', '--json'], environment)
    t.match(JSON.parse(out), { done: [`detach ${M1}`, `detach ${M2}`, 'delete the application callmask'] })
  })
})

test('numbers lists the numbers of the account, and whether they take calls', async (t) => {
  const many = Array.from({ length: 30 }, (_, i) =>
    rentedNumber(`+9170000000${10 + i}`, { is_trial_number: true }),
  )
  const standIn = await account(t, [
    rentedNumber(M1),
    rentedNumber(M2),
    rentedNumber('+919000000003', { application_id: '98765432109876543' }),
    rentedNumber('+919000000004', { trunk_group_id: 'trunk' }),
    rentedNumber('+919000000005', { is_blocked: true }),
    rentedNumber('+919000000006', { voice_enabled: false }),
    ...many,
  ])
  // Without any other setting, because these numbers are what the settings are made of.
  const { VOBIZ_API_BASE, VOBIZ_AUTH_ID, VOBIZ_AUTH_TOKEN } = environmentOf(standIn)
  const environment = { VOBIZ_API_BASE, VOBIZ_AUTH_ID, VOBIZ_AUTH_TOKEN }

  const { out } = await cli(['numbers'], environment)
  const rows = out.split('\n')
  t.same(rows.slice(0, 8), [
    'NUMBER         COUNTRY  ATTACHED TO        TAKES CALLS',
    '+919000000001  IN       -                  yes',
    '+919000000002  IN       -                  yes',
    '+919000000003  IN       98765432109876543  yes',
    '+919000000004  IN       a SIP trunk        no: is on a SIP trunk, which takes its calls',
    '+919000000005  IN       -                  no: is blocked',
    '+919000000006  IN       -                  no: takes no voice calls',
    '+917000000010  IN       -                  no: is a trial number, which gets no incoming calls',
  ])
  t.equal(rows.length, 38, 'all pages')

  t.match(JSON.parse((await cli(['numbers', '--json'], environment)).out), {
    length: 36,
    0: { e164: M1, attachedTo: '', problem: undefined },
    4: { problem: 'is blocked' },
  })

  await cli(['setup'], environmentOf(standIn))
  t.match((await cli(['numbers'], environment)).out, `${M1}  IN       callmask           yes`)
})

test('numbers --export writes those that are free, or attached to our application', async (t) => {
  const standIn = await account(t, [
    rentedNumber(M1),
    rentedNumber('+919000000003', { application_id: '98765432109876543' }),
    rentedNumber('+919000000004', { trunk_group_id: 'trunk' }),
    rentedNumber('+919000000005', { is_blocked: true }),
    rentedNumber('+919000000006', { voice_enabled: false }),
    rentedNumber('+919000000007', { is_trial_number: true }),
    rentedNumber(M2),
  ])
  const { VOBIZ_API_BASE, VOBIZ_AUTH_ID, VOBIZ_AUTH_TOKEN } = environmentOf(standIn)
  const environment = { VOBIZ_API_BASE, VOBIZ_AUTH_ID, VOBIZ_AUTH_TOKEN }
  const run = (...args: string[]) => cli(['numbers', '--export', ...args], environment)
  t.match(await run(), { code: 0, out: `MASKING_NUMBERS=${M1},${M2}\n` }, 'free')
  t.match(JSON.parse((await run('--json')).out), { length: 2, 0: { e164: M1 }, 1: { e164: M2 } })

  await cli(['setup'], environmentOf(standIn))
  standIn.numbers.set('+919000000008', rentedNumber('+919000000008'))
  t.equal((await run()).out, `MASKING_NUMBERS=${M1},${M2},+919000000008\n`, 'free, or ours')
  const other = { ...environment, VOBIZ_APP_NAME: 'other' }
  t.equal((await cli(['numbers', '--export'], other)).out, 'MASKING_NUMBERS=+919000000008\n', 'not ours')
})
