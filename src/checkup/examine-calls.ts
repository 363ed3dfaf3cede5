import type { Config } from '../config/schema.js'
import type { CallsApi, RecentCall } from '../vobiz/calls-api.js'
import type { Finding } from './finding.js'
import type { World } from './world.js'

/** How many of the newest calls are looked at. */
export const RECENT_CALLS = 100
/** Milliseconds for which a call is recent. */
const RECENT_MS = 24 * 60 * 60 * 1_000

/** How calls die of which no webhook tells, and what helps. */
interface Death {
  readonly code: string
  readonly what: string
  readonly remedy: (config: Config) => string
}

const DEATHS: readonly Death[] = [
  {
    code: '8011',
    what: 'ended at once, because the platform did not take the answer (8011)',
    remedy: ({ ANSWER_FIRST }) =>
      ANSWER_FIRST === 'off'
        ? 'set ANSWER_FIRST=wait: on some accounts a call has to be picked up before it can be bridged'
        : 'look at the answer with `npx callmask call`: something on the way may change it',
  },
  {
    code: '7011',
    what: 'ended because the platform could not reach the Answer URL (7011)',
    remedy: () =>
      'check PUBLIC_BASE_URL from outside of your network, its certificate, and that it answers with 200 in time',
  },
  {
    code: '3030',
    what: 'ended because the number shown is not rented from the platform (3030)',
    remedy: () => 'rent each masking number in this very account, and take all others out of the pool',
  },
  {
    code: '5030',
    what: 'ended because too many calls went on at the same time (5030)',
    remedy: () => 'ask Vobiz for more concurrent calls: a masked call may count as two',
  },
]

/** Whether recent calls of the account died in a way that a setting helps against. */
export async function examineCalls(
  { now }: World,
  config: Config,
  { recentCalls }: Pick<CallsApi, 'recentCalls'>,
): Promise<Finding[]> {
  const check = 'recent calls'
  const all = await recentCalls(RECENT_CALLS).catch(() => undefined)
  if (!all) return [{ check, ok: true, seen: 'the API does not tell' }]
  const recent = all.filter(({ endedAt }) => now() - endedAt < RECENT_MS)
  const findings = DEATHS.flatMap(({ code, what, remedy }) => {
    const dead = recent.filter((call) => call.code === code)
    if (dead.length === 0) return []
    const seen = `${dead.length} of ${recent.length} ${what}, the last one ${agoOf(dead, now())}`
    return [{ check, ok: false, seen, remedy: remedy(config) }]
  })
  if (findings.length > 0) return findings
  const seen = recent.length === 0 ? 'none within a day' : `${recent.length} within a day, none of which died`
  return [{ check, ok: true, seen }]
}

/** Whoever has mended it sees that nothing died since. */
function agoOf(calls: readonly RecentCall[], now: number): string {
  const last = Math.max(...calls.map(({ endedAt }) => endedAt))
  return `${Math.max(Math.round((now - last) / 60_000), 0)} min ago`
}
