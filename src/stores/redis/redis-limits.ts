import type { Rate, Verdict } from '../../access/gcra.js'
import { ifAnswered } from './if-answered.js'
import type { Link } from './link.js'

/** As `judge` of src/access/gcra.ts does it, by the clock of the server, which all instances share. */
const JUDGE = `
local time = redis.call('TIME')
local now = time[1] * 1000 + time[2] / 1000
local interval, burst = 1000 / tonumber(ARGV[1]), tonumber(ARGV[2])
local span = interval * burst
local freeAt = math.max(tonumber(redis.call('GET', KEYS[1]) or '0'), now)
local wanted = freeAt + interval
if wanted - now > span + 0.001 then
  return {0, 0, math.ceil(wanted - now - span), math.ceil(freeAt - now)}
end
redis.call('SET', KEYS[1], string.format('%.3f', wanted), 'PX', math.ceil(wanted - now))
return {1, math.floor((span + 0.001 - (wanted - now)) / interval), 0, math.ceil(wanted - now)}
`

/** Judges for all instances; undefined where the store does not answer. */
export function createRedisLimits(
  link: Link,
  prefix: string,
): (asker: string, rate: Rate) => Promise<Verdict | undefined> {
  return async (asker, { perSecond, burst }) => {
    const asked = link.ask(
      (client) => client.eval(JUDGE, 1, `${prefix}limit:${asker}`, perSecond, burst) as Promise<number[]>,
    )
    const answer = await ifAnswered(asked, undefined)
    if (!answer) return undefined
    const [allowed, remaining = 0, retryMs = 0, resetMs = 0] = answer
    return { allowed: allowed === 1, remaining, retryMs, resetMs }
  }
}
