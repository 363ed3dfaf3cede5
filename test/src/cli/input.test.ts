import { test } from 'tap'
import { cli } from '../../cli-helper.js'
import { PAIR } from '../../fixtures.js'

const KEY = 'a-key-of-more-than-128-bits'

/** What the command sends, with this standard input. */
async function sentBy(args: string[], world: Parameters<typeof cli>[2]) {
  const sent: string[] = []
  const fetch: typeof globalThis.fetch = async (_url, init) => {
    sent.push(String(init?.body))
    return new Response('{}', { status: 500 })
  }
  const { code, err } = await cli(args, { ...PAIR, API_KEYS: KEY }, { ...world, fetch })
  return { sent: sent[0], code, err }
}

test('an option of - reads its number from standard input', async (t) => {
  const input = async () => '918888800011\r\n\n +91 88888 00012 \n'
  const create = ['sessions', 'create', '--first', '-', '--second', '-']
  t.match(JSON.parse(String((await sentBy(create, { input })).sent)), {
    participants: [{ number: '918888800011' }, { number: '+91 88888 00012' }],
  })
  const explain = ['explain', '--from', '-', '--to', PAIR.M1]
  t.same(JSON.parse(String((await sentBy(explain, { input })).sent)), { from: '918888800011', to: PAIR.M1 })
  const call = ['call', '--from', '-', '--to', '-']
  const played = new URLSearchParams(
    (await sentBy(call, { input: async () => `${PAIR.FE}\n${PAIR.M1}\n` })).sent,
  )
  t.match(Object.fromEntries(played), { From: PAIR.FE, To: '09000000001' })
  const anonymous = ['call', '--anonymous', '--from', '-', '--to', '-']
  const hidden = new URLSearchParams((await sentBy(anonymous, { input: async () => PAIR.M1 })).sent)
  t.match(Object.fromEntries(hidden), { From: 'anonymous', To: '09000000001' })
})

test('at a terminal the numbers are asked for', async (t) => {
  const asked: string[] = []
  const ask = async (question: string) => {
    asked.push(question)
    return '918888800011'
  }
  const explain = ['explain', '--from', '-', '--to', '-']
  const { sent } = await sentBy(explain, { isInteractive: true, ask })
  t.same(JSON.parse(String(sent)), { from: '918888800011', to: '918888800011' })
  t.same(asked, ['--from: ', '--to: '])
})

test('input that ends too early is an error that quotes nothing of it', async (t) => {
  const explain = ['explain', '--from', '-', '--to', '-']
  const { code, err, sent } = await sentBy(explain, { input: async () => '918888800011\n' })
  t.equal(code, 2)
  t.match(err, 'error: --to is -, but nothing comes for it on the standard input: write a number a line')
  t.notMatch(err, '8888800011')
  t.equal(sent, undefined)
})
