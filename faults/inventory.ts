/** Compares what the store has when all is quiet with what was acknowledged. */
import type { History, KnownSession } from './history.js'
import { realNumbersIn } from './people.js'
import type { Report } from './report.js'
import { askApi, type World } from './world.js'

export const DOUBLE = 'people who have a number in two open sessions'
/** The same, where a reply left a doubt. */
const DOUBLE_IN_DOUBT = 'people who have a number in two open sessions, of which a reply left a doubt'
export const KEY_TWICE = 'keys with more than one session'
export const UNKNOWN = 'sessions in the list that nobody was told of'
export const MISSING = 'sessions that are open and not in the list'
export const STILL_OPEN = 'sessions in the list of the open ones after their close'
export const WRONG_VIEW = 'sessions that the list shows with other numbers or people'

interface Listed {
  readonly id: string
  readonly participants: readonly { readonly masking_number: string; readonly hint: string }[]
  readonly metadata?: { readonly key?: string }
}

const PAGE = 200

export async function judgeInventory(world: World, { sessions }: History, report: Report): Promise<void> {
  const begun = performance.now()
  const [open, all] = [await listed(world, 'status=open&'), await listed(world, '')]
  const known = new Map(sessions.map((session) => [session.id, session]))
  const keys = all.map(({ metadata }) => metadata?.key)
  report.count('sessions in the list', all.length)
  report.count('sessions that are open at the end', open.length)
  report.count(KEY_TWICE, keys.length - new Set(keys).size)
  report.count(UNKNOWN, all.filter(({ id }) => !known.has(id)).length)

  const openIds = new Set(open.map(({ id }) => id))
  const isMissing = ({ id, closing, isSure }: KnownSession) => isSure && !closing && !openIds.has(id)
  const isOver = ({ closedAt, expiresAt = Number.POSITIVE_INFINITY }: KnownSession) =>
    closedAt !== undefined || expiresAt < begun
  report.count(MISSING, sessions.filter(isMissing).length)
  report.count(STILL_OPEN, sessions.filter((session) => isOver(session) && openIds.has(session.id)).length)

  const held = new Map<string, KnownSession>()
  for (const { id, participants } of open) {
    const session = known.get(id)
    for (const [side, { masking_number, hint }] of participants.entries()) {
      const person = session && personAt(session, side as 0 | 1, hint)
      if (!session || !person || `+${session.masks[side as 0 | 1]}` !== masking_number) {
        report.count(WRONG_VIEW)
        continue
      }
      const leg = `${person}/${masking_number}`
      const other = held.get(leg)
      if (other && !(session.isSure && other.isSure)) report.count(DOUBLE_IN_DOUBT)
      else if (other) {
        report.count(DOUBLE)
        report.note(`${id}: its ${masking_number} is also that of another session of …${person.slice(-2)}`)
      }
      held.set(leg, session)
    }
  }
}

/** Of those who may sit there, the one whose last digits are shown. */
function personAt({ seats }: KnownSession, side: 0 | 1, hint: string): string | undefined {
  return seats[side].find(
    ({ person, possiblyUntil }) =>
      possiblyUntil === Number.POSITIVE_INFINITY && hint === `…${person.slice(-2)}`,
  )?.person
}

async function listed(world: World, filter: string): Promise<Listed[]> {
  const found: Listed[] = []
  let cursor: string | null = ''
  while (cursor !== null) {
    const position: string = cursor && `&cursor=${cursor}`
    const { status, text } = await askApi(world, 'GET', `/v1/sessions?${filter}limit=${PAGE}${position}`)
    if (status !== 200) throw new Error(`the list said ${status}: ${text.slice(0, 200)}`)
    if (realNumbersIn(text).length > 0) throw new Error('a real number in the list')
    const page: { sessions: Listed[]; next_cursor: string | null } = JSON.parse(text)
    found.push(...page.sessions)
    cursor = page.next_cursor
  }
  return found
}
