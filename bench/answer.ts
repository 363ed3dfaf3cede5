/**
 * `/answer` against the floor, side by side in one run: rounds alternate, and each side's best round counts,
 * because whatever else the machine does can only make a round worse.
 */
import autocannon from 'autocannon'
import { type MeasuredProcess, startMeasured } from './measured-process.js'

const ROUNDS = 60
const REQUESTS_PER_ROUND = 1_500
/** Enough for the compiler to be done with both servers. */
const WARM_UP_REQUESTS = 40_000
const CONNECTIONS = 16
/** Of the floor by CPU time, at least. */
const AIM = 0.85

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

interface Round {
  readonly cpuPerRequest: number
  readonly perSecond: number
  readonly p50: number
  readonly p99: number
}

const floor = await startMeasured('bench/floor.mjs', { DOCUMENT })
const service = await startMeasured('dist/src/server.js', {
  ...PAIR,
  HOST: '127.0.0.1',
  PORT: '0',
  DRAIN_DELAY: '0',
})
await expectDocument(floor)
await expectDocument(service)

const rounds: Record<'floor' | 'service', Round[]> = { floor: [], service: [] }
await measure(floor, WARM_UP_REQUESTS)
await measure(service, WARM_UP_REQUESTS)
for (let i = 0; i < ROUNDS; i++) {
  rounds.floor.push(await measure(floor, REQUESTS_PER_ROUND))
  rounds.service.push(await measure(service, REQUESTS_PER_ROUND))
}
await Promise.all([floor.stop(), service.stop()])

const best = { floor: bestOf(rounds.floor), service: bestOf(rounds.service) }
print('floor', best.floor)
print('callmask', best.service)
const ratio = best.floor.cpuPerRequest / best.service.cpuPerRequest
console.log(`\n/answer reaches ${ratio.toFixed(2)} of the floor by CPU time (aim: ${AIM} or more)`)

async function measure(server: MeasuredProcess, requests: number): Promise<Round> {
  const before = await server.cpuMicros()
  const result = await autocannon({
    url: `${server.url}/answer`,
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: CALL,
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

async function expectDocument({ url }: MeasuredProcess): Promise<void> {
  const reply = await fetch(`${url}/answer`, { method: 'POST', body: new URLSearchParams(CALL) })
  if ((await reply.text()) !== DOCUMENT) throw new Error(`${url} does not answer with the document`)
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
