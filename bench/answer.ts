/** `/answer` beside the floor: for the static pair, without signatures and with one on every request. */
import { randomInt } from 'node:crypto'
import { signature } from '../src/vobiz/signature.js'
import { callBody, FORM } from './carrier-call.js'
import { startMeasured } from './measured-process.js'
import { type Contender, compare, cpuRatio } from './rounds.js'
import { SERVICE } from './service.js'

/** The least share of the floor's speed, by CPU time. */
const AIMS = { callmask: 0.85, signed: 0.8 }

const TOKEN = 'bench-token'
const PUBLIC_BASE_URL = 'https://mask.example.com'
const PAIR = { M1: '919000000001', M2: '919000000002', FE: '918888800001', CUSTOMER: '918888800002' }
const CALL = callBody(PAIR.FE, PAIR.M1)
const DOCUMENT =
  '<?xml version="1.0" encoding="UTF-8"?><Response><Dial callerId="919000000002" timeout="30"><Number>918888800002</Number></Dial></Response>'

const unsigned = { headers: FORM, body: CALL }
const signed = {
  headers: signedHeaders(),
  body: CALL,
  requests: [{ setupRequest: (request: object) => ({ ...request, headers: signedHeaders() }) }],
}

const floor = await startMeasured('bench/floor.mjs', { DOCUMENT })
const callmask = await startMeasured('dist/src/server.js', { ...SERVICE, ...PAIR })
const strict = await startMeasured('dist/src/server.js', {
  ...SERVICE,
  ...PAIR,
  WEBHOOK_AUTH: 'required',
  PUBLIC_BASE_URL,
  VOBIZ_AUTH_TOKEN: TOKEN,
})
const contenders = {
  floor: { server: floor, path: '/answer', load: unsigned },
  callmask: { server: callmask, path: '/answer', load: unsigned },
  signed: { server: strict, path: '/answer', load: signed },
}
for (const contender of Object.values(contenders)) await expectDocument(contender)

console.log('POST /answer for the static pair, beside a bare Fastify that sends the same bytes:')
const results = await compare(contenders)
for (const name of ['callmask', 'signed'] as const) {
  console.log(`${name}: the floor is ${cpuRatio(results.floor, results[name])}; aim: at least ${AIMS[name]}`)
}

async function expectDocument({ server, path, load: { headers = {} } }: Contender): Promise<void> {
  const reply = await fetch(server.url + path, {
    method: 'POST',
    headers: headers as Record<string, string>,
    body: CALL,
  })
  if ((await reply.text()) !== DOCUMENT) throw new Error('a server does not answer with the document')
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
