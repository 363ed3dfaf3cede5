import { CONSOLE } from './hooks/staff.js'
import type { OverviewData } from './overview-data.js'
import { ADVISED_CALLS, LOW_HEAD_ROOM, NUMBERS } from './parts/number.js'
import type { Texts } from './texts/texts.js'
import { path } from './urls.js'

/** Something that somebody should do something about. */
export interface Attention {
  readonly words: string
  /** The page that mends it. */
  readonly url: string
}

/** Days before the pool is used up, and before a key expires, in which it is told of. */
const DAYS_AHEAD = 14
const DAY_MS = 24 * 60 * 60 * 1_000

/** What needs attention, what is worst first. */
export function attention(data: OverviewData, { overview }: Texts): Attention[] {
  const { needs } = overview
  return [
    ...storeTrouble(data, needs),
    ...poolTrouble(data, needs),
    ...carrierTrouble(data, needs),
    ...endpointTrouble(data, needs),
    ...busyNumbers(data, needs),
    ...keysAboutToExpire(data, needs),
  ]
}

type Needs = Texts['overview']['needs']

function storeTrouble({ status }: OverviewData, { storeDown }: Needs): Attention[] {
  return status.store.state === 'up' ? [] : [{ words: storeDown, url: `${CONSOLE}/checkup` }]
}

function poolTrouble({ capacity }: OverviewData, needs: Needs): Attention[] {
  if (!capacity) return []
  const url = NUMBERS
  const { numbers, people, head_room, trend } = capacity.all
  if (numbers === 0) return [{ words: needs.noNumbers, url }]
  if (people && head_room !== null && head_room <= LOW_HEAD_ROOM)
    return [{ words: needs.headRoom(head_room), url }]
  const days = trend?.gone_in_days ?? Number.POSITIVE_INFINITY
  return days <= DAYS_AHEAD ? [{ words: needs.goneIn(days), url }] : []
}

function carrierTrouble({ troubles }: OverviewData, { carrier, troubleKinds }: Needs): Attention[] {
  const kinds: { readonly [kind: string]: string } = troubleKinds
  const found = new Set(troubles?.events.map(({ data }) => String(data.trouble)))
  return [...found].map((kind) => ({ words: carrier(kinds[kind] ?? kind), url: `${CONSOLE}/checkup` }))
}

function endpointTrouble({ webhooks = [] }: OverviewData, needs: Needs): Attention[] {
  return webhooks.flatMap(({ id, state, off_because, failing_since }) => {
    const url = `${CONSOLE}${path`/webhooks/${id}`}`
    if (state === 'off' && off_because !== 'request') return [{ words: needs.endpointOff, url }]
    return failing_since === null ? [] : [{ words: needs.endpointFails, url }]
  })
}

function busyNumbers({ counts }: OverviewData, { busyNumber }: Needs): Attention[] {
  const busy = counts?.numbers.filter(({ today }) => today.shown > ADVISED_CALLS) ?? []
  return busy.map(({ number, today }) => ({
    words: busyNumber(number, today.shown),
    url: NUMBERS,
  }))
}

function keysAboutToExpire({ keys = [], now }: OverviewData, { keyExpires }: Needs): Attention[] {
  return keys.flatMap(({ name, status, expires_at }) => {
    const left = expires_at ? Date.parse(expires_at) - now : Number.POSITIVE_INFINITY
    if (status !== 'valid' || left > DAYS_AHEAD * DAY_MS) return []
    return [{ words: keyExpires(name, Math.ceil(left / DAY_MS)), url: `${CONSOLE}/keys` }]
  })
}
