// The service with so many sessions open before it listens. What it knows of them goes to `report.json`: what a
// session weighs, and calls that some of its people could make.
import { randomInt } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises'
import { buildApp } from '../dist/src/app.js'
import { MAX_EVENTS_IN_MEMORY } from '../dist/src/events/event-bound.js'
import { createLogger } from '../dist/src/logger.js'
import { readBook } from '../dist/src/masking/book.js'
import { bookKey, SESSIONS_TO_TELL } from '../dist/src/masking/keys.js'

const DAY_MS = 86_400_000
const FIRST_PERSON = 9_810_000_000
/** How many are opened before other work has its turn. */
const AT_ONCE = 64
const POLL_MS = 100

const sessions = Number(process.env.SESSIONS)
const calls = Number(process.env.CALLS)

const app = buildApp({ environment: process.env, logger: createLogger() })
await app.ready()

const before = heapUsed()
const now = Date.now()
for (let i = 0; i < sessions; i++) {
  await open(i, now - sessions + i)
  // Or what is done in the background would wait until the last one is open.
  if (i % AT_ONCE === 0) await turn()
}
while (await areMoreEvents()) await sleep(POLL_MS)
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

/** Whether there are events that are yet to be made of what was opened, or more of them than are kept. */
async function areMoreEvents() {
  const piece = { order: 'oldest first', limit: 1 }
  if ((await app.storages.storage.entries(SESSIONS_TO_TELL, piece)).length > 0) return true
  const { counted } = app.events.stats()
  return counted === undefined || counted > MAX_EVENTS_IN_MEMORY
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
