/** Sessions in a shared store: `/answer` beside the floor, and how many sessions one and three instances open. */
import { setTimeout as sleep } from 'node:timers/promises'
import { type Call, callsOf, callsToTheFloor } from './calls.js'
import { type MeasuredProcess, startMeasured } from './measured-process.js'
import { API_HEADERS, API_KEY, createStrangers, newSessions } from './new-sessions.js'
import { compare, cpuRatio, measure } from './rounds.js'
import { POOL, SERVICE } from './service.js'
import { type StoreServer, startStoreServer } from './store-server.js'

/** The least share of the floor's speed, by CPU time of the service's process. */
const ANSWER_AIM = 0.5
/** Sessions, over whose participants the calls are spread. */
const SESSIONS = 1_000

const INSTANCES = 3
/** In all, however many instances there are. */
const CONNECTIONS = 48
const CREATIONS_PER_ROUND = 1_500
const ROUNDS = 8
/** Enough for the JIT compiler to be done with every instance. */
const WARM_UPS = 8

const START_LIMIT_MS = 10_000
const POLL_MS = 50

/** Nobody has a session twice. */
const next = createStrangers()
const store = await startStoreServer()
if (!store) {
  console.error('\nSKIPPED: the bench of the shared store, FOR WANT OF redis-server OR valkey-server')
} else {
  await benchAnswer(store)
  await benchCreations(store)
  await store.stop()
}

async function benchAnswer(store: StoreServer): Promise<void> {
  const callmask = await startInstance(store)
  const calls = await openSessions(callmask)
  const [{ reached }] = calls as [Call]
  const DOCUMENT = `<?xml version="1.0" encoding="UTF-8"?><Response><Dial callerId="+919000000101" timeout="30" timeLimit="3600"><Number>+${reached}</Number></Dial></Response>`
  const floor = await startMeasured('bench/floor.mjs', { DOCUMENT })

  console.log(`\nPOST /answer for ${SESSIONS.toLocaleString('en')} sessions in a shared store:`)
  // On a busy machine the store is sometimes too late. Apologies are cheap, so they must not count as answers.
  let apologies = 0
  const results = await compare({
    floor: { server: floor, path: '/answer', load: callsToTheFloor(calls) },
    callmask: {
      server: callmask,
      path: '/answer',
      load: callsOf(calls, () => {
        apologies += 1
      }),
      wasSpoilt() {
        const spoilt = apologies > 0
        apologies = 0
        return spoilt
      },
    },
  })
  const ratio = cpuRatio(results.floor, results.callmask)
  console.log(`callmask: the floor is ${ratio}; aim: at least ${ANSWER_AIM}`)
}

async function benchCreations(store: StoreServer): Promise<void> {
  const instances = await Promise.all(Array.from({ length: INSTANCES }, () => startInstance(store)))
  for (let i = 0; i < WARM_UPS; i++) await create(instances)
  const crowds = [instances.slice(0, 1), instances]
  const rounds = crowds.map((): Creations[] => [])

  console.log('\nPOST /v1/sessions, on the same shared store:')
  for (let i = 0; i < ROUNDS; i++) {
    for (const [j, crowd] of crowds.entries()) rounds[j]?.push(...(await create(crowd)))
  }
  await Promise.all(instances.map((instance) => instance.stop()))
  for (const [j, crowd] of crowds.entries()) print(crowd.length, rounds[j] ?? [])
}

interface Creations {
  readonly perSecond: number
  /** Of all instances, in microseconds. */
  readonly cpuPerCreation: number
}

/** One round with the load spread over some instances; no result when one of them refused something. */
async function create(instances: readonly MeasuredProcess[]): Promise<Creations[]> {
  const load = newSessions(next)
  const count = instances.length
  const begun = performance.now()
  const measured = await Promise.allSettled(
    instances.map((server) =>
      measure({ server, path: '/v1/sessions', load }, CREATIONS_PER_ROUND / count, CONNECTIONS / count),
    ),
  )
  const shares = measured.flatMap((share) => (share.status === 'fulfilled' ? share.value : []))
  if (shares.length < count) return []
  const seconds = (performance.now() - begun) / 1_000
  const cpuPerCreation = shares.reduce((sum, { cpuPerRequest }) => sum + cpuPerRequest, 0) / count
  return [{ perSecond: CREATIONS_PER_ROUND / seconds, cpuPerCreation }]
}

function print(count: number, rounds: readonly Creations[]): void {
  const failed = ROUNDS - rounds.length
  if (failed > 0) console.log(`${failed} of ${ROUNDS} rounds count nothing: the store answered too late`)
  if (rounds.length === 0) return
  const perSecond = Math.max(...rounds.map((round) => round.perSecond))
  const cpu = Math.min(...rounds.map((round) => round.cpuPerCreation))
  const name = count === 1 ? '1 instance' : `${count} instances`
  const columns = [
    name.padEnd(12),
    `${cpu.toFixed(0)} µs CPU per creation`.padStart(26),
    `${perSecond.toFixed(0)} creations/s`.padStart(20),
  ]
  console.log(columns.join(''))
}

async function startInstance({ settings }: StoreServer): Promise<MeasuredProcess> {
  const instance = await startMeasured('dist/src/server.js', {
    ...SERVICE,
    ...settings,
    MASKING_NUMBERS: POOL,
    API_KEYS: API_KEY,
    API_RATE: '10000',
  })
  await untilItHasTheStore(instance)
  return instance
}

/** An instance listens before it has reached its store. */
async function untilItHasTheStore({ url }: MeasuredProcess): Promise<void> {
  for (let waited = 0; waited < START_LIMIT_MS; waited += POLL_MS) {
    const reply = await fetch(`${url}/v1/status`, { headers: API_HEADERS })
    const { store } = (await reply.json()) as { store: { state: string } }
    if (store.state === 'up') return
    await sleep(POLL_MS)
  }
  throw new Error('an instance did not reach its store')
}

/** Opens sessions over the API. Each of their people makes a call. */
async function openSessions({ url }: MeasuredProcess): Promise<Call[]> {
  const calls: Call[] = []
  while (calls.length < 2 * SESSIONS) {
    const body = next()
    const reply = await fetch(`${url}/v1/sessions`, { method: 'POST', headers: API_HEADERS, body })
    const text = await reply.text()
    // A store that was too late answers again in a moment.
    if (reply.status === 503) {
      await sleep(POLL_MS)
      continue
    }
    if (reply.status !== 201) throw new Error(`no new session, but ${reply.status}`)
    const [first, second] = participantsIn(body).map(({ number }) => number) as [string, string]
    const [toFirst, toSecond] = participantsIn(text).map((side) => side.masking_number)
    calls.push({ caller: first, dialled: String(toFirst), reached: second })
    calls.push({ caller: second, dialled: String(toSecond), reached: first })
  }
  return calls
}

/** The participants of a request or a reply, with their numbers as the carrier writes them. */
function participantsIn(json: string): Record<string, string>[] {
  return JSON.parse(json.replaceAll('"+', '"')).participants
}
