import { type Test, test } from 'tap'
import { buildApp } from '../../../src/app.js'
import { createLogger } from '../../../src/logger.js'
import { cli, fetchWith, PUBLIC } from '../../cli-helper.js'
import { testClock } from '../../clocks.js'
import { captured } from '../../fixtures.js'

const KEY = 'a-key-of-more-than-128-bits'
const [RIDER, DRIVER] = ['+919800000001', '+919800000002']
const MASKING = ['+919000000003', '+919000000004']

/** A command line for an instance with one session of two people. */
async function instance(t: Test) {
  const app = buildApp({
    environment: { API_KEYS: KEY, MASKING_NUMBERS: MASKING.join(',') },
    logger: createLogger(captured().stream),
    clock: testClock(Date.parse('2026-01-01T00:00:00Z')),
  })
  t.teardown(() => app.close())
  await app.ready()
  const run = (args: string[], world: object = {}) =>
    cli([...args, '--url', PUBLIC], { API_KEYS: KEY }, { fetch: fetchWith(app), ...world })
  await run(['sessions', 'create', '--first', RIDER, '--second', DRIVER])
  return { app, run }
}

const piped = (text: string) => ({ input: async () => text })

test('search reads the number from standard input, and shows which side the person is', async (t) => {
  const { run } = await instance(t)
  const { code, out, err } = await run(['sessions', 'search'], piped('98000 00001\n'))
  t.match({ code, err }, { code: 0, err: '' })
  t.match(out, /^SESSION +STATUS +FIRST +SECOND +EXPIRES +EXTERNAL ID +PERSON\ns_\S+ +open .* first\n$/)
  t.notMatch(out, /98000/)
  const json = await run(['sessions', 'search', '--limit', '1', '--json'], piped(`${DRIVER}\n`))
  t.match(JSON.parse(json.out), { sessions: [{ participant: 1 }], more: false })
  t.match((await run(['sessions', 'search'], piped('+919800000009'))).out, /^SESSION.*\n$/)
})

test('search says where the person was replaced, and that there are older sessions', async (t) => {
  const { app, run } = await instance(t)
  const [{ id }] = JSON.parse((await run(['sessions', 'list', '--json'])).out).sessions
  const headers = { authorization: `Bearer ${KEY}` }
  const payload = { participants: [{ number: '+919800000003' }, {}] }
  await app.inject({ method: 'PATCH', url: `/v1/sessions/${id}`, headers, payload })
  const search = ['sessions', 'search', '--limit', '1']
  t.match((await run(search, piped(RIDER))).out, new RegExp(`\n${id} .* was replaced\n$`))
  await run(['sessions', 'create', '--first', '+919800000004', '--second', DRIVER])
  const { out } = await run(search, piped(DRIVER))
  t.match(out, / second\nThere are older ones\.\n$/)
})

test('a command about a person wants their number on standard input, and never as an option', async (t) => {
  const { run } = await instance(t)
  for (const command of [['sessions', 'search'], ['erase']]) {
    t.match(await run(command, piped('\n')), { code: 2, err: /standard input/ })
    t.match(await run([...command, '--number', RIDER]), { code: 2 })
    const refused = await run(command, piped('nobody'))
    t.match(refused, { code: 1, err: /is not a phone number/ })
  }
})

test('erase prints the receipt, and in a script asks nothing', async (t) => {
  const { run } = await instance(t)
  const { code, out, err } = await run(['erase'], piped(RIDER))
  t.match({ code, err }, { code: 0, err: '' })
  t.equal(
    out,
    `erased    2026-01-01T00:00:00.000Z
sessions  1, of which 1 were open
calls     0 of these sessions
left      0 sessions of others
books     1 of the person, 1 of others
keys      0
lists     1 entries
`,
  )
  t.match(JSON.parse((await run(['erase', '--json'], piped(RIDER))).out), { removed: { sessions: 0 } })
})

test('at a terminal erase asks first, unless it is told not to', async (t) => {
  const { run } = await instance(t)
  const asked: string[] = []
  const terminal = (answer: boolean) => ({
    isInteractive: true,
    ask: async () => RIDER,
    confirm: async (question: string) => {
      asked.push(question)
      return answer
    },
  })
  t.match(await run(['erase'], terminal(false)), { code: 1, out: 'Nothing was erased.\n' })
  t.match(await run(['erase', '--json'], terminal(false)), { code: 1, out: 'null\n' })
  t.match(await run(['erase'], terminal(true)), { code: 0, out: /^sessions {2}1, /m })
  t.equal(asked.length, 3)
  t.match(await run(['erase', '--yes'], terminal(false)), { code: 0, out: /^sessions {2}0, /m })
  t.equal(asked.length, 3)
})

test('erase says when it is not durable, and when something cannot be read', async (t) => {
  const { app, run } = await instance(t)
  const { people } = app
  const erase = people.erase
  people.erase = async (person) => ({ ...(await erase(person)), durable: false, unreadable: 2 })
  const { code, out } = await run(['erase'], piped(RIDER))
  t.equal(code, 0)
  t.match(out, /2 texts in the store cannot be read: .*\nOnly one server of the store knows it yet/)
})
