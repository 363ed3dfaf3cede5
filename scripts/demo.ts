/** Starts the built service on the example numbers and plays calls against it, as the carrier would, and a session. */
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { SessionView } from '../src/api/session-schemas.js'
import { signatureHeaders } from '../src/vobiz/signature.js'

const PORT = process.env.PORT || '8001'
const PUBLIC_BASE_URL = `http://127.0.0.1:${PORT}`
const URL_OF_ANSWER = `${PUBLIC_BASE_URL}/answer`
const URL_OF_SESSIONS = `${PUBLIC_BASE_URL}/v1/sessions`
/** What stands in for the account's token, so that the calls of the demo are signed as real ones are. */
const VOBIZ_AUTH_TOKEN = 'demo-token'
const API_KEY = 'demo-key-of-the-business'

const PEOPLE = {
  agent: '918888800001',
  customer: '918888800002',
  stranger: '917777700003',
  rider: '918888800011',
  driver: '918888800012',
}
const M1 = '919000000001'
const M2 = '919000000002'
const POOL = ['919000000011', '919000000012', '919000000013']

const API_HEADERS = { Authorization: `Bearer ${API_KEY}`, 'Content-Type': 'application/json' }
const RIDE = JSON.stringify({
  participants: [{ number: `+${PEOPLE.rider}` }, { number: `+${PEOPLE.driver}` }],
})

const service = spawn(process.execPath, ['src/server.js'], {
  cwd: new URL('../dist', import.meta.url),
  env: {
    PATH: process.env.PATH,
    PORT,
    HOST: '127.0.0.1',
    DRAIN_DELAY: '0',
    WEBHOOK_AUTH: 'required',
    PUBLIC_BASE_URL,
    VOBIZ_AUTH_TOKEN,
    M1,
    M2,
    FE: PEOPLE.agent,
    CUSTOMER: PEOPLE.customer,
    MASKING_NUMBERS: POOL.join(','),
    API_KEYS: API_KEY,
  },
  stdio: ['ignore', 'pipe', 'inherit'],
})
process.on('SIGINT', () => service.kill('SIGINT'))
process.on('SIGTERM', () => service.kill('SIGTERM'))
process.on('exit', () => service.kill())
service.on('exit', (code) => process.exit(code ?? 1))
await listening()

await play('The agent calls the customer', PEOPLE.agent, M1)
await play('The customer calls the agent', PEOPLE.customer, M2)
await play('A stranger tries the same number', PEOPLE.stranger, M1)

const { id, expires_at, participants } = await post(URL_OF_SESSIONS, RIDE)
const [riderDials = '', driverDials = ''] = participants.map(({ masking_number }) => masking_number.slice(1))
console.log(`
The business opens a session for a ride
  request   POST /v1/sessions ${RIDE}
  session   ${id}, until ${expires_at}
  numbers   the rider dials ${riderDials}, the driver ${driverDials}`)
await play('The rider calls the driver', PEOPLE.rider, riderDials)
await play('The driver calls the rider', PEOPLE.driver, driverDials)

const closed = await post(`${URL_OF_SESSIONS}/${id}/close`)
console.log(`
The ride is over
  request   POST /v1/sessions/${id}/close
  session   ${closed.status}`)
await play('The rider calls once more', PEOPLE.rider, riderDials)

console.log(`
The service stays up on port ${PORT}; end it with Ctrl+C. Ask it yourself, as the carrier:

  ${curlCall(PEOPLE.agent, M1)}

Without its signature it is refused. As the business open the session again, and then call as the rider:

  curl ${curlHeaders(API_HEADERS)} ${URL_OF_SESSIONS} -d '${RIDE}'

  ${curlCall(PEOPLE.rider, riderDials)}

All that the business can ask stands at ${PUBLIC_BASE_URL}/docs.
`)

async function play(title: string, from: string, dialled: string): Promise<void> {
  // On the wire the caller comes with the country code, and the dialled number in national form.
  const reply = await fetch(URL_OF_ANSWER, {
    method: 'POST',
    headers: signatureHeaders(URL_OF_ANSWER, VOBIZ_AUTH_TOKEN),
    body: new URLSearchParams({ Event: 'StartApp', From: from, To: dialled.replace(/^91/, '0') }),
  })
  const document = await reply.text()
  const [, shown = '', reached = ''] = /callerId="\+?(\d+)".*<Number>\+?(\d+)<\/Number>/.exec(document) ?? []
  const [, words = ''] = /<Speak>(.*)<\/Speak>/.exec(document) ?? []
  console.log(`
${title}
  dialled   ${from} (${nameOf(from)}) dials ${dialled}
  ${reached ? `reaches   ${reached} (${nameOf(reached)}), whose phone shows ${shown}` : `reaches   nobody, and hears: ${words}`}
  document  ${document}`)
}

/** Asks the API as the business does. */
async function post(url: string, body = '{}'): Promise<SessionView> {
  const reply = await fetch(url, { method: 'POST', headers: API_HEADERS, body })
  if (!reply.ok) throw new Error(`POST ${url} was answered with ${reply.status}: ${await reply.text()}`)
  return reply.json() as Promise<SessionView>
}

/** Each with a signature of its own: used for two different calls, one would be taken for a replay. */
function curlCall(from: string, dialled: string): string {
  const headers = signatureHeaders(URL_OF_ANSWER, VOBIZ_AUTH_TOKEN)
  return `curl -X POST ${curlHeaders(headers)} ${URL_OF_ANSWER} -d From=${from} -d To=${dialled}`
}

function curlHeaders(headers: Readonly<Record<string, string>>): string {
  return Object.entries(headers)
    .map(([name, value]) => `-H '${name}: ${value}'`)
    .join(' ')
}

function nameOf(number: string): string {
  return Object.entries(PEOPLE).find(([, theirs]) => theirs === number)?.[0] ?? 'unknown'
}

/** Resolves when the service listens, and keeps its log out of the picture. */
function listening(): Promise<void> {
  return new Promise((resolve) => {
    createInterface({ input: service.stdout }).on('line', (line) => {
      if (line.includes('Server listening')) resolve()
    })
  })
}
