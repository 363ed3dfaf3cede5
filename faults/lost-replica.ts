/** Part three: a store that lost its replica, so that nothing is confirmed and each instance repeats its changes. */
import { setTimeout as sleep } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { freePorts } from '../test/ports.js'
import { LIGHTHOUSE, PEOPLE, POOL } from './people.js'
import { startRedis } from './processes.js'
import { createReport } from './report.js'
import { openStore, phoneNumber, unlessUnavailable, untilAnswered } from './store.js'

export const LOST_REPLICA_SECONDS = 30

const UNDONE = 'acknowledged replacements that another instance undid'
const ENDLESS = 'upkeeps that do not end'
const ROUNDS = 3
const UPKEEP_LIMIT_MS = 3_000

export async function runLostReplica(): Promise<boolean> {
  const report = createReport('A store without its replica')
  for (const what of [UNDONE, ENDLESS]) report.demand(what)
  const [port = 0] = await freePorts(1)
  const redis = await startRedis(port)
  const stores = [0, 1].map(() => openStore({ port, pool: POOL, restMs: 0 }))
  const [older, newer] = stores.map(({ sessions }) => sessions) as [Sessions, Sessions]
  for (const { sessions } of stores) await untilAnswered(() => sessions.usage())
  const client = new Redis({ port, host: '127.0.0.1' })
  await client.set('callmask:replicated', '1')

  for (let round = 0; round < ROUNDS; round++) {
    const id = await untilAnswered(() => openOne(newer))
    const sides = (await untilAnswered(() => newer.find(id)))?.participants
    if (!sides) throw new Error('a session is not there')
    const [first, second] = [PEOPLE[round * 2], PEOPLE[round * 2 + 1]] as [string, string]
    await untilAnswered(() => older.change(id, replacement(first)))
    await untilAnswered(() => newer.change(id, replacement(second)))

    for (const sessions of [older, newer]) unlessUnavailable(() => sessions.upkeep())
    await sleep(UPKEEP_LIMIT_MS)
    const found = await untilAnswered(() => newer.findLeg([LIGHTHOUSE[1]], sides[1].maskingNumber))
    report.count('replacements of somebody who was just replaced')
    if (found?.leg.destination !== `+${second}`) report.count(UNDONE)
  }

  // Alone, so that no other instance's change ends what it repeats.
  const alone = openStore({ port, pool: POOL, restMs: 0 })
  const id = await untilAnswered(() => openOne(alone.sessions))
  await untilAnswered(() => alone.sessions.close(id))
  const upkeep = unlessUnavailable(() => alone.sessions.upkeep())
  const isEnded = await Promise.race([upkeep.then(() => true), sleep(UPKEEP_LIMIT_MS, false)])
  if (!isEnded) report.count(ENDLESS)

  client.disconnect()
  for (const store of [...stores, alone]) store.close()
  await redis.kill()
  return report.print()
}

async function openOne(sessions: Sessions): Promise<string> {
  const participants = [phoneNumber(LIGHTHOUSE[0]), phoneNumber(LIGHTHOUSE[1])] as const
  const [createdAt, expiresAt] = [Date.now(), Date.now() + 3_600_000]
  const outcome = await sessions.create({
    participants,
    createdAt,
    expiresAt,
    fingerprint: '',
    allowShortRest: true,
  })
  if (!('session' in outcome)) throw new Error(`a session could not be opened: ${outcome.kind}`)
  return outcome.session.id
}

type Sessions = ReturnType<typeof openStore>['sessions']

function replacement(number: string) {
  return { replace: { side: 0, number }, allowShortRest: true } as const
}
