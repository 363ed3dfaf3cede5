/**
 * `/answer` against the floor, side by side in one run: rounds alternate, and each side's best round counts,
 * because whatever else the machine does can only make a round worse.
 */
import { randomInt } from 'node:crypto'
import autocannon from 'autocannon'
import { signature } from '../src/vobiz/signature.js'
import { type MeasuredProcess, startMeasured } from './measured-process.js'

const ROUNDS = 25
const REQUESTS_PER_ROUND = 4_000
/** Enough for the compiler to be done with both servers. */
const WARM_UP_REQUESTS = 40_000
const CONNECTIONS = 16
/** Of the floor by CPU time, at least: without signatures, and with one on every request. */
const AIMS = { callmask: 0.85, signed: 0.8 }

const FORM = { 'content-type': 'application/x-www-form-urlencoded' }
const TOKEN = 'bench-token'
const PUBLIC_BASE_URL = 'https://mask.example.com'

const PAIR = { M1: '919000000001', M2: '919000000002', FE: '918888800001', CUSTOMER: '918888800002' }
const DOCUMENT =
  '<?xml version="1.0" encoding="UTF-8"?><Response><Dial callerId="919000000002" timeout="30"><Number>918888800002</Number></Dial></Response>'

/** What Vobiz sends for an incoming call, field by field. */
const CALL = new URLSearchParams({
  CallUUID: '8b1f3c52-7a44-4a0f-9d5e-2f6a1c0e7b93',
  Event: 'StartApp',
  CallStatus: 'ringing',
  Direction: 'inbound',
  From: '918888800001',
  To: '09000000001',
  CallerName: '+918888800001',
  ParentAuthID: 'MA_XXXXXXXX',
  SessionStart: '2026-06-08 09:30:00.000000',
  STIRAttestation: 'Not Applicable',
  STIRVerification: 'Not Applicable',
  BillRate: '0',
  CountryCode: '',
  RouteType: '',
}).toString()

const SIDES = ['floor', 'callmask', 'signed'] as const
type Side = (typeof SIDES)[number]

interface Round {
  readonly cpuPerRequest: number
  readonly perSecond: number
  readonly p50: number
  readonly p99: number
}

const floor = await startMeasured('bench/floor.mjs', { DOCUMENT })
const settings = { ...PAIR, HOST: '127.0.0.1', PORT: '0', DRAIN_DELAY: '0' }
const servers: Record<Side, MeasuredProcess> = {
  floor,
  callmask: await startMeasured('dist/src/server.js', { ...settings, WEBHOOK_AUTH: 'optional' }),
  signed: await startMeasured('dist/src/server.js', {
    ...settings,
    PUBLIC_BASE_URL,
    VOBIZ_AUTH_TOKEN: TOKEN,
  }),
}

const rounds: Record<Side, Round[]> = { floor: [], callmask: [], signed: [] }
for (const side of SIDES) {
  await expectDocument(side)
  await measure(side, WARM_UP_REQUESTS)
}
for (let i = 0; i < ROUNDS; i++) {
  for (const side of SIDES) rounds[side].push(await measure(side, REQUESTS_PER_ROUND))
}
await Promise.all(SIDES.map((side) => servers[side].stop()))

const best = { floor: bestOf(rounds.floor), callmask: bestOf(rounds.callmask), signed: bestOf(rounds.signed) }
const middle = {
  floor: medianOf(rounds.floor),
  callmask: medianOf(rounds.callmask),
  signed: medianOf(rounds.signed),
}
for (const side of SIDES) print(side, best[side])
for (const side of ['callmask', 'signed'] as const) {
  const ratio = (of: Record<Side, Round>) => (of.floor.cpuPerRequest / of[side].cpuPerRequest).toFixed(2)
  console.log(
    `${side}: ${ratio(best)} of the floor by CPU time, best rounds (medians ${ratio(middle)}); aim: ${AIMS[side]}`,
  )
}

async function measure(side: Side, requests: number): Promise<Round> {
  const server = servers[side]
  const before = await server.cpuMicros()
  const result = await autocannon({
    url: `${server.url}/answer`,
    method: 'POST',
    headers: headersOf(side),
    body: CALL,
    ...(side === 'signed' && {
      requests: [{ setupRequest: (request) => ({ ...request, headers: signedHeaders() }) }],
    }),
    connections: CONNECTIONS,
    amount: requests,
  })
  const used = (await server.cpuMicros()) - before
  const answered = result['2xx']
  if (result.errors > 0 || result.non2xx > 0) throw new Error('a request failed, so the round counts nothing')
  return {
    cpuPerRequest: used / answered,
    perSecond: answered / result.duration,
    p50: result.latency.p50,
    p99: result.latency.p99,
  }
}

async function expectDocument(side: Side): Promise<void> {
  const reply = await fetch(`${servers[side].url}/answer`, {
    method: 'POST',
    headers: headersOf(side),
    body: CALL,
  })
  if ((await reply.text()) !== DOCUMENT) throw new Error(`${side} does not answer with the document`)
}

function headersOf(side: Side): Record<string, string> {
  return side === 'signed' ? signedHeaders() : FORM
}

/** What the carrier sends: both signatures, each with a nonce of its own. */
function signedHeaders(): Record<string, string> {
  const url = `${PUBLIC_BASE_URL}/answer`
  const [v2, v3] = [nonce(), nonce()]
  return {
    ...FORM,
    'x-vobiz-signature-v2': signature('v2', url, TOKEN, v2),
    'x-vobiz-signature-v2-nonce': v2,
    'x-vobiz-signature-v3': signature('v3', url, TOKEN, v3),
    'x-vobiz-signature-v3-nonce': v3,
  }
}

function nonce(): string {
  return String(randomInt(10 ** 10)).padStart(20, '0')
}

function medianOf(all: readonly Round[]): Round {
  return all.toSorted((a, b) => a.cpuPerRequest - b.cpuPerRequest)[all.length >> 1] as Round
}

function bestOf(all: readonly Round[]): Round {
  return all.reduce((best, round) => (round.cpuPerRequest < best.cpuPerRequest ? round : best))
}

function print(name: string, { cpuPerRequest, perSecond, p50, p99 }: Round): void {
  const columns = [
    name.padEnd(9),
    `${cpuPerRequest.toFixed(1)} µs CPU per request`.padStart(28),
    `${perSecond.toFixed(0)} requests/s`.padStart(20),
    `p50 ${p50} ms, p99 ${p99} ms`.padStart(24),
  ]
  console.log(columns.join(''))
}
