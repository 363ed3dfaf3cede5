/** Part five: two instances are asked for the same replacement at the same time, as when a client repeats its request. */

import { freePorts } from '../test/ports.js'
import { POOL } from './people.js'
import { startRedis } from './processes.js'
import { createReport } from './report.js'
import { openStore, phoneNumber, untilAnswered } from './store.js'

export const REPEATED_REPLACEMENTS_SECONDS = 30

const DEAF = 'people who joined a session and cannot call in it'
const TWICE = 'numbers that were given again to who has them in an open session'
const SESSIONS = 150
const FIRST = 919_840_000_000
const MORE = 4

export async function runRepeatedReplacements(): Promise<boolean> {
  const report = createReport(`${SESSIONS} replacements, each asked for twice at the same time`)
  for (const what of [DEAF, TWICE]) report.demand(what)
  const [port = 0] = await freePorts(1)
  const redis = await startRedis(port)
  const pool = POOL.slice(0, MORE)
  const stores = [0, 1].map(() => openStore({ port, pool, restMs: 0 }))
  const [one, another] = stores.map(({ sessions }) => sessions) as [Sessions, Sessions]
  for (const { sessions } of stores) await untilAnswered(() => sessions.usage())

  for (let i = 0; i < SESSIONS; i++) {
    const person = (k: number) => String(FIRST + i * 10 + k)
    const { id, masks } = await untilAnswered(() => openOne(one, person(1), person(2)))
    const change = { replace: { side: 0, number: person(3) }, allowShortRest: false } as const
    await Promise.all([one, another].map((store) => untilAnswered(() => store.change(id, change))))
    const leg = await untilAnswered(() => one.findLeg([person(3)], masks[0]))
    if (leg?.kind !== 'open') report.count(DEAF)

    for (let k = 4; k < 4 + MORE - 1; k++) {
      const more = await untilAnswered(() => openOne(one, person(3), person(k)))
      if (more.masks[0] === masks[0]) report.count(TWICE)
    }
  }
  for (const store of stores) store.close()
  await redis.kill()
  return report.print()
}

type Sessions = ReturnType<typeof openStore>['sessions']

async function openOne(store: Sessions, first: string, second: string) {
  const outcome = await store.create({
    participants: [phoneNumber(first), phoneNumber(second)],
    createdAt: Date.now(),
    expiresAt: Date.now() + 3_600_000,
    fingerprint: '',
    allowShortRest: false,
  })
  if (!('session' in outcome)) throw new Error(`a session could not be opened: ${outcome.kind}`)
  const [a, b] = outcome.session.participants
  return { id: outcome.session.id, masks: [a.maskingNumber, b.maskingNumber] as const }
}
