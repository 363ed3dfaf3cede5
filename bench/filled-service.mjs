// The service with so many sessions open before it listens. What it knows of them goes to `report.json`: what a
// session weighs, and calls that some of its people could make.
import { randomInt } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { buildApp } from '../dist/src/app.js'
import { createLogger } from '../dist/src/logger.js'
import { readBook } from '../dist/src/masking/book.js'
import { bookKey } from '../dist/src/masking/keys.js'

const DAY_MS = 86_400_000
const FIRST_PERSON = 9_810_000_000

const sessions = Number(process.env.SESSIONS)
const calls = Number(process.env.CALLS)

const app = buildApp({ environment: process.env, logger: createLogger() })
await app.ready()

const before = heapUsed()
const now = Date.now()
for (let i = 0; i < sessions; i++) await open(i, now - sessions + i)
const bytesPerSession = (heapUsed() - before) / sessions

writeFileSync('report.json', JSON.stringify({ bytesPerSession, calls: await someCalls() }))
const { HOST: host, PORT: port } = app.config
await app.listen({ host, port })

/** Opens a session of two people who have no other. */
async function open(i, createdAt) {
  const outcome = await app.sessions.create({
    participants: [person(2 * i), person(2 * i + 1)],
    createdAt,
    expiresAt: createdAt + DAY_MS,
    fingerprint: '',
    allowShortRest: false,
  })
  if (outcome.kind !== 'created') throw new Error(`session ${i}: ${outcome.kind}`)
}

function person(i) {
  const national = String(FIRST_PERSON + i)
  return { countryCode: '91', national, dialable: `+91${national}` }
}

/** Calls of random people: each with who calls, which number they dial, and whom they reach. */
async function someCalls() {
  const some = []
  for (let i = 0; i < calls; i++) {
    const caller = randomInt(2 * sessions)
    const [book] = await app.storages.storage.read([bookKey(whole(caller))])
    const [{ maskingNumber: dialled }] = readBook(book)
    some.push({ caller: whole(caller), dialled, reached: whole(caller ^ 1) })
  }
  return some
}

function whole(i) {
  return `91${FIRST_PERSON + i}`
}

function heapUsed() {
  globalThis.gc()
  return process.memoryUsage().heapUsed
}
