/** Starts the built service on the example numbers and plays three calls against it, as the carrier would. */
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { signatureHeaders } from '../src/vobiz/signature.js'

const PORT = process.env.PORT || '8001'
const PUBLIC_BASE_URL = `http://127.0.0.1:${PORT}`
const URL_OF_ANSWER = `${PUBLIC_BASE_URL}/answer`
/** What stands in for the account's token, so that the calls of the demo are signed as real ones are. */
const VOBIZ_AUTH_TOKEN = 'demo-token'

const PEOPLE = { agent: '918888800001', customer: '918888800002', stranger: '917777700003' }
const M1 = '919000000001'
const M2 = '919000000002'

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
  },
  stdio: ['ignore', 'pipe', 'inherit'],
})
process.on('SIGINT', () => service.kill('SIGINT'))
process.on('SIGTERM', () => service.kill('SIGTERM'))
service.on('exit', (code) => process.exit(code ?? 1))
await listening()

await play('The agent calls the customer', PEOPLE.agent, M1)
await play('The customer calls the agent', PEOPLE.customer, M2)
await play('A stranger tries the same number', PEOPLE.stranger, M1)

console.log(`
The service stays up on port ${PORT}; end it with Ctrl+C. Ask it yourself:

  curl -X POST ${curlHeaders()} ${URL_OF_ANSWER} -d From=${PEOPLE.agent} -d To=${M1}

Without its signature it is refused.
`)

async function play(title: string, from: string, dialled: string): Promise<void> {
  // On the wire the caller comes with the country code, and the dialled number in national form.
  const reply = await fetch(URL_OF_ANSWER, {
    method: 'POST',
    headers: signatureHeaders(URL_OF_ANSWER, VOBIZ_AUTH_TOKEN),
    body: new URLSearchParams({ Event: 'StartApp', From: from, To: dialled.replace(/^91/, '0') }),
  })
  const document = await reply.text()
  const [, shown = '', reached = ''] = /callerId="(\d+)".*<Number>(\d+)<\/Number>/.exec(document) ?? []
  const [, words = ''] = /<Speak>(.*)<\/Speak>/.exec(document) ?? []
  console.log(`
${title}
  dialled   ${from} (${nameOf(from)}) dials ${dialled}
  ${reached ? `reaches   ${reached} (${nameOf(reached)}), whose phone shows ${shown}` : `reaches   nobody, and hears: ${words}`}
  document  ${document}`)
}

function curlHeaders(): string {
  const headers = Object.entries(signatureHeaders(URL_OF_ANSWER, VOBIZ_AUTH_TOKEN))
  return headers.map(([name, value]) => `-H ${name}:${value}`).join(' ')
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
