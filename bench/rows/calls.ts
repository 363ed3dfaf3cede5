/** A call beside the floor: the static pair and sessions in each store, without signatures and with them. */
import { callsOf, callsToTheFloor, signedCalls } from '../calls.js'
import { type Contender, compare, type Result } from '../rounds.js'
import { startSample } from '../sample.js'
import {
  CALL_OF_PAIR,
  openSessions,
  SIGNING,
  STRICT,
  startFloor,
  startWithPair,
  startWithSessions,
} from '../service.js'
import { type BenchStore, MEMORY, makeFolder, startRedis } from '../stores.js'
import { type Line, shareLine } from '../table.js'

/** Sessions, over whose participants the calls are spread. */
const SESSIONS = 1_000

const ofPair = callsOf([CALL_OF_PAIR])
const signed = (load = ofPair) => signedCalls(load, ...SIGNING)

export async function calls(): Promise<Line[]> {
  const folders = [await makeFolder(), await makeFolder()]
  const redis = await startRedis()
  const sample = await startSample()
  const contenders = {
    floor: { server: await startFloor(), path: '/answer', load: callsToTheFloor(ofPair) },
    pair: { server: await startWithPair(), path: '/answer', load: ofPair },
    pairSigned: { server: await startWithPair(STRICT), path: '/answer', load: signed() },
    memory: await sessionsIn(MEMORY),
    memoryUncounted: await sessionsIn({ ...MEMORY, settings: { ...MEMORY.settings, METRICS: 'off' } }),
    memorySigned: await signedSessionsIn(MEMORY),
    file: await sessionsIn(folders[0] as BenchStore),
    fileSigned: await signedSessionsIn(folders[1] as BenchStore),
    redis: redis && (await sessionsIn(redis)),
    redisSigned: redis && (await signedSessionsIn(redis)),
    sample: sample && { server: sample, path: '/answer', load: callsToTheFloor(ofPair) },
  }
  const { floor, pair, pairSigned, memory, memoryUncounted, memorySigned, file, fileSigned, ...others } =
    await compare(contenders)
  await Promise.all(Object.values(contenders).map((contender) => contender?.server.stop()))
  await Promise.all([...folders, redis].map((store) => store?.stop()))
  return [
    { what: 'the floor: bare Fastify, a constant', result: floor, figure: '' },
    shareLine('call, static pair', pair, 0.72, 0.85),
    shareLine('call, static pair, signed', pairSigned, 0.48, 0.65),
    shareLine('call, session in memory', memory),
    {
      what: 'the same without metrics',
      result: memoryUncounted,
      figure: moreThan(memory, memoryUncounted),
      bar: '≤ 1.5',
    },
    shareLine('call, session in memory, signed', memorySigned),
    shareLine('call, session in a folder', file),
    { what: '', figure: timesAsMuch(file, memory, 'of a call in memory'), bar: '≤ 1.5' },
    shareLine('call, session in a folder, signed', fileSigned),
    ...(others.redis ? [shareLine('call, session in Redis', others.redis, 0.4, 0.55)] : []),
    ...(others.redisSigned ? [shareLine('call, session in Redis, signed', others.redisSigned)] : []),
    ...(others.sample ? [sampleLine(others.sample, pair)] : []),
  ]
}

function sampleLine(sample: Result, pair: Result): Line {
  return {
    what: 'the sample, rewritten with FastAPI',
    result: sample,
    figure: timesAsMuch(sample, pair, 'of a call of the static pair'),
    bar: '≥ 3.5',
    aim: '≥ 4',
  }
}

/** How many microseconds the one takes more, by medians. */
function moreThan(one: Result, other: Result): string {
  return `metrics cost ${(one.cpu.median - other.cpu.median).toFixed(1)} µs a call`
}

/** How many times as much CPU time the one takes, by medians. */
function timesAsMuch(one: Result, other: Result, words: string): string {
  return `${(one.cpu.median / other.cpu.median).toFixed(2)} times the CPU ${words}`
}

async function sessionsIn({ settings }: BenchStore): Promise<Contender> {
  const server = await startWithSessions(settings)
  return { server, path: '/answer', load: callsOf(await openSessions(server, SESSIONS)) }
}

async function signedSessionsIn({ settings }: BenchStore): Promise<Contender> {
  const contender = await sessionsIn({ settings: { ...settings, ...STRICT }, stop: async () => undefined })
  return { ...contender, load: signed(contender.load) }
}
