/** Opening sessions beside the floor, in each store: every request opens one between two new people. */
import { newSessions } from '../new-sessions.js'
import { compare, ROUNDS } from '../rounds.js'
import { startFloor, startWithSessions } from '../service.js'
import { type BenchStore, MEMORY, makeFolder, startRedis } from '../stores.js'
import { type Line, shareLine } from '../table.js'

/** Requests that are under way at any moment. */
const AT_ONCE = 64

export async function sessions(): Promise<Line[]> {
  const [folder, redis] = [await makeFolder(), await startRedis()]
  const contenders = {
    floor: { server: await startFloor(), ...request() },
    memory: await opening(MEMORY),
    file: await opening(folder),
    redis: redis && (await opening(redis)),
  }
  const { floor, memory, file, ...others } = await compare(contenders, {
    ...ROUNDS,
    warmUp: 20_000,
    connections: AT_ONCE,
  })
  await Promise.all(Object.values(contenders).map((contender) => contender?.server.stop()))
  await Promise.all([folder.stop(), redis?.stop()])
  const rate = file.perSecond.median / memory.perSecond.median
  return [
    { what: `the floor: bare Fastify, the same schemas, ${AT_ONCE} at once`, result: floor, figure: '' },
    shareLine('POST /v1/sessions, in memory', memory, 0.45, 0.55),
    shareLine('POST /v1/sessions, in a folder', file),
    { what: '', figure: `${rate.toFixed(2)} of the rate in memory`, bar: '≥ 0.5' },
    ...(others.redis ? [shareLine('POST /v1/sessions, in Redis', others.redis)] : []),
  ]
}

async function opening({ settings }: BenchStore) {
  return { server: await startWithSessions(settings), ...request() }
}

function request() {
  return { path: '/v1/sessions', load: newSessions() }
}
