/** People who call the numbers, and what must hold for each reply by itself. */
import { setTimeout as sleep } from 'node:timers/promises'
import { readAnswer, type Told } from './answer-xml.js'
import { askAnswer } from './api.js'
import type { History } from './history.js'
import type { Answered } from './http.js'
import { between, PAIR, PEOPLE, POOL, pick, realNumbersIn, STRANGERS } from './people.js'
import type { Report } from './report.js'
import { isOutage, mayBeLost, type World } from './world.js'

/** How many of the latest sessions people still remember. */
const REMEMBERED = 120
const CLIENT_LIMIT_MS = 1_500

export const INVALID_REPLY = 'replies on /answer that are no valid XML or not HTTP 200'
export const STATIC_LOST = 'calls of the static pair that are not connected'
export const LEAK = 'real numbers in a reply outside a matching open session'

/** Calls until it is told to stop. */
export async function keepCalling(
  world: World,
  history: History,
  report: Report,
  isOver: () => boolean,
): Promise<void> {
  while (!isOver()) {
    await sleep(between(20, 100))
    if (Math.random() < 0.1) await callStatically(world, world.front, report)
    else await callSomebody(world, history, report)
  }
}

async function callSomebody(world: World, history: History, report: Report): Promise<void> {
  const { caller, dialled } = whom(history)
  const answered = await askAnswer(world.front, caller, dialled)
  const told = judgeReply(world, answered, report)
  if (!told) return
  report.count(`calls that were told: ${told.kind}`)
  if (told.kind !== 'connect' && realNumbersIn(answered.text).length > 0) report.count(LEAK)
  const { begun, ended } = answered
  history.calls.push({ caller, dialled, begun, ended, told })
}

/** Mostly people who have, or had, a session. */
function whom({ sessions }: History): { caller: string; dialled: string } {
  const session = pick(sessions.slice(-REMEMBERED))
  if (session && Math.random() < 0.7) {
    const side = pick([0, 1] as const)
    return { caller: pick(session.seats[side]).person, dialled: session.masks[side] }
  }
  return { caller: pick(Math.random() < 0.1 ? STRANGERS : PEOPLE), dialled: pick(POOL) }
}

/** The static pair needs no store. */
export async function callStatically(world: World, port: number, report: Report): Promise<void> {
  const [caller, dialled, destination, shown] = pick([
    [PAIR.FE, PAIR.M1, PAIR.CUSTOMER, PAIR.M2],
    [PAIR.CUSTOMER, PAIR.M2, PAIR.FE, PAIR.M1],
  ])
  const answered = await askAnswer(port, caller, dialled)
  const told = judgeReply(world, answered, report)
  if (!told) return
  report.count('calls of the static pair')
  if (isOutage(world, answered)) report.count('calls of the static pair while the store was down')
  if (told.kind !== 'connect' || told.destination !== destination || told.callerId !== shown) {
    report.count(STATIC_LOST)
  }
}

/** What a reply tells; undefined when it is not valid. */
function judgeReply(world: World, answered: Answered, report: Report): Told | undefined {
  const { status, text, begun, ended } = answered
  if (status !== 200 && mayBeLost(world, answered)) {
    report.count('calls that were lost with an instance that was killed')
    return undefined
  }
  report.largest('slowest answer at the client, ms', ended - begun)
  if (ended - begun > CLIENT_LIMIT_MS) report.count('answers over 1500 ms at the client')
  const told = status === 200 ? readAnswer(text) : undefined
  if (!told) {
    report.count(INVALID_REPLY)
    report.note(`/answer said ${status}: ${text.slice(0, 200)}`)
  }
  return told
}
