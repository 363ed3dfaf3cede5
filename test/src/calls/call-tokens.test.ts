import { randomUUID } from 'node:crypto'
import { test } from 'tap'
import {
  createCallTokens,
  PIN_TOKEN_LIFE_MS,
  PURPOSES,
  type Purpose,
  TOKEN_LIFE_MS,
  type TokenCall,
} from '../../../src/calls/call-tokens.js'
import { START } from '../../session-store-contract.js'

const SECRET = 'a secret of the tests'
const SESSION = 's_0123456789abcdefghijkl'

function world(...secrets: string[]) {
  const clock = { time: START }
  return Object.assign(clock, { tokens: createCallTokens({ secrets, now: () => clock.time }) })
}

const callOf = (more: Partial<TokenCall> = {}): TokenCall => ({
  callId: randomUUID(),
  at: START,
  sessionId: SESSION,
  side: 1,
  attempt: 0,
  ...more,
})

test('a token opens to the call that it was minted for', async (t) => {
  const { tokens } = world(SECRET)
  for (const purpose of PURPOSES) {
    for (const side of [0, 1] as const) {
      const call = callOf({ side })
      t.same(tokens.open(purpose, tokens.mint(purpose, call), call.callId), call)
    }
  }
  const { callId } = callOf()
  const pair = { callId, at: START }
  t.same(
    tokens.open('dial', tokens.mint('dial', pair), callId),
    { ...pair, attempt: 0 },
    'of the static pair',
  )
  for (const attempt of [1, 2, 63]) {
    const call = callOf({ attempt })
    t.same(tokens.open('pin', tokens.mint('pin', call), call.callId), call, `attempt ${attempt}`)
  }
  t.not(tokens.mint('dial', pair), tokens.mint('dial', pair), 'no two are the same')
})

test('a token fits into a path as it is, and tells nothing', async (t) => {
  const { tokens } = world(SECRET)
  const call = callOf()
  for (const purpose of PURPOSES) {
    const token = tokens.mint(purpose, call)
    t.match(token, /^[\w-]{78,90}$/)
    const bytes = Buffer.from(token, 'base64url').toString('latin1')
    for (const secret of [SESSION, SESSION.slice(2, 14), call.callId, purpose])
      t.notOk(token.includes(secret) || bytes.includes(secret))
  }
})

test('a token is worth nothing for another purpose or another call', async (t) => {
  const { tokens } = world(SECRET)
  const [call, other] = [callOf(), callOf()]
  for (const minted of PURPOSES) {
    const token = tokens.mint(minted, call)
    for (const purpose of PURPOSES) {
      t.equal(tokens.open(purpose, token, call.callId) !== undefined, purpose === minted)
      t.equal(tokens.open(purpose, token, other.callId), undefined)
    }
    for (const callId of ['', call.callId.toUpperCase(), `${call.callId} `, `leg ${call.callId}`])
      t.equal(tokens.open(minted, token, callId), undefined)
  }
})

test('a token is worth nothing after its time', async (t) => {
  const clock = world(SECRET)
  const call = callOf()
  for (const purpose of PURPOSES) {
    const life = purpose === 'pin' ? PIN_TOKEN_LIFE_MS : TOKEN_LIFE_MS
    clock.time = START
    const token = clock.tokens.mint(purpose, call)
    clock.time = START + life - 1
    t.ok(clock.tokens.open(purpose, token, call.callId), purpose)
    clock.time += 1
    t.equal(clock.tokens.open(purpose, token, call.callId), undefined, purpose)
  }
})

test('no altered token is accepted', async (t) => {
  const { tokens } = world(SECRET)
  const CHARACTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  // Always the same numbers, so that a failure comes again.
  let seed = 1
  const upTo = (limit: number) => {
    seed = (seed * 48_271) % 2_147_483_647
    return seed % limit
  }
  const calls = Array.from({ length: 50 }, (_, i) => callOf({ side: (i % 2) as 0 | 1, at: START - i }))
  const minted = calls.map((call) => PURPOSES.map((purpose) => tokens.mint(purpose, call)))
  const given = new Map(minted.flatMap((texts, i) => texts.map((text, j) => [text, { i, j }] as const)))
  const all = [...given.keys()]
  const some = () => all[upTo(all.length)] as string
  const put = (token: string, at: number, character: string) =>
    token.slice(0, at) + character + token.slice(at + 1)

  const mutations: ((token: string) => string)[] = [
    (token) => put(token, upTo(token.length), CHARACTERS[upTo(64)] as string),
    (token) => put(put(token, upTo(token.length), 'A'), upTo(token.length), CHARACTERS[upTo(64)] as string),
    (token) => token.slice(0, upTo(token.length)),
    (token) => token + CHARACTERS[upTo(64)],
    (token) => CHARACTERS[upTo(64)] + token,
    (token) => token.slice(0, 16) + some().slice(16),
    (token) => {
      const at = upTo(token.length)
      return token.slice(0, at) + some().slice(at)
    },
    (token) => `${token}=`,
    (token) => put(token, upTo(token.length), '+'),
    (token) => put(token, upTo(token.length), ' '),
    (token) => `${token}${some()}`,
    () => some(),
  ]
  let [tried, accepted] = [0, 0]
  while (tried < 100_000) {
    const [token, { i, j }] = [...given][upTo(given.size)] as [string, { i: number; j: number }]
    for (const mutate of mutations) {
      const altered = mutate(token)
      if (altered === token) continue
      // Another one that was minted is right for its own call alone.
      tried += 1
      const { callId } = calls[i] as TokenCall
      if (given.get(altered)?.i === i && given.get(altered)?.j === j) continue
      if (tokens.open(PURPOSES[j] as Purpose, altered, callId)) accepted += 1
    }
  }
  t.equal(accepted, 0)
  for (const text of [
    '',
    'A',
    'A'.repeat(46),
    'A'.repeat(47),
    'A'.repeat(120),
    'A'.repeat(100_000),
    '\0',
    '%41',
  ])
    t.equal(tokens.open('dial', text, randomUUID()), undefined)
})

test('another spelling of the same token is not accepted', async (t) => {
  const { tokens } = world(SECRET)
  const call = callOf()
  const token = tokens.mint('dial', call)
  const bytes = Buffer.from(token, 'base64url')
  // Decoders take all of these.
  const spellings = [bytes.toString('base64'), `${token}==`, `${token}\n`, ` ${token}`, `${token}.`]
  for (const spelling of spellings.filter((text) => text !== token))
    t.equal(tokens.open('dial', spelling, call.callId), undefined, JSON.stringify(spelling))
})

test('secrets can be changed while calls are under way', async (t) => {
  const call = callOf()
  const opens = (tokens: { open: typeof before.tokens.open }, token: string) =>
    tokens.open('dial', token, call.callId) !== undefined
  const [before, during, after, other] = [world('old'), world('new', 'old'), world('new'), world('other')]
  const [old, young] = [before.tokens.mint('dial', call), during.tokens.mint('dial', call)]
  t.ok(opens(during.tokens, old), 'what the older secret minted still opens')
  t.ok(opens(after.tokens, young), 'the first secret mints')
  t.notOk(opens(after.tokens, old))
  t.notOk(opens(other.tokens, old))
})

test('without a secret, an instance opens its own tokens and no others', async (t) => {
  const call = callOf()
  const [one, other] = [world(), world()]
  const token = one.tokens.mint('dial', call)
  t.ok(one.tokens.open('dial', token, call.callId))
  t.notOk(other.tokens.open('dial', token, call.callId))
})
