import type { Client } from './client.js'

/**
 * The steps that must be atomic. Each touches one key, so that it is one step in a cluster too, and each can be repeated
 * without harm. Numbers from Lua are written by `%.0f`, or a time would become `1.8e+12`.
 *
 * A person's book is a hash: masking number → `session|endsAt|claimedAt|counterpart|restedFor|version|stamp`. The version is
 * the session's, so that a late step never undoes a later one; the stamp is one claim's own.
 * A session is a hash: `v` version, `x` expiresAt, `c` closedAt, `d` the sealed rest with these three in it, `b` over for good,
 * because its name is another's; or `a`: never to be written.
 */
const READ_LEG = `
local function read(text)
  local session, ends, claimed, mark, rested, version, stamp =
    string.match(text, '^([^|]+)|(%d+)|(%d+)|([^|]*)|(%d*)|(%d+)|([^|]*)$')
  return { session = session, ends = tonumber(ends), claimed = claimed, mark = mark, rested = rested,
    version = tonumber(version), stamp = stamp }
end
local function write(number, leg)
  local text = table.concat({ leg.session, string.format('%.0f', leg.ends), leg.claimed, leg.mark, leg.rested,
    string.format('%.0f', leg.version), leg.stamp }, '|')
  redis.call('HSET', KEYS[1], number, text)
  return text
end
`

const READ_BOOK = `${READ_LEG}
local id, now, rest, memory, endsAt = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
local short = ARGV[6] == '1'
local marks = {}
for mark in string.gmatch(ARGV[7], '[^,]+') do marks[mark] = true end
local held = {}
local flat = redis.call('HGETALL', KEYS[1])
for i = 1, #flat, 2 do
  local leg = read(flat[i + 1])
  leg.text = flat[i + 1]
  if leg.ends + memory <= now then redis.call('HDEL', KEYS[1], flat[i]) else held[flat[i]] = leg end
end
for _, leg in ipairs(cjson.decode(ARGV[8])) do
  local known = held[leg[1]]
  if not known or known.ends < leg[2] then
    held[leg[1]] = { ends = leg[2], mark = leg[3], session = leg[4], claimed = leg[5], stamp = leg[6], elsewhere = true }
  end
end
local function isOurs(leg) return leg.session == id and not leg.elsewhere and leg.ends > now end
-- Each claim writes the leg anew, so that giving back what one claim wrote takes nothing from another.
local function give(number, rested)
  local before = held[number]
  local ends = before and isOurs(before) and math.max(before.ends, endsAt) or endsAt
  local text = write(number, { session = id, ends = ends, claimed = ARGV[2], mark = ARGV[9], rested = rested,
    version = tonumber(ARGV[10]), stamp = ARGV[11] })
  local forgetAt = string.format('%.0f', ends + memory)
  if redis.call('PTTL', KEYS[1]) < 0 then redis.call('PEXPIREAT', KEYS[1], forgetAt)
  else redis.call('PEXPIREAT', KEYS[1], forgetAt, 'GT') end
  return { 'given', number, rested, before and before.text or '', text }
end
local function restedFor(leg) return leg and string.format('%.0f', now - leg.ends) or '' end
`

/** `chooseNumber` of `masking/allocation.ts`, on one book. */
const CLAIM = `${READ_BOOK}
for number, leg in pairs(held) do
  if isOurs(leg) then return give(number, leg.rested) end
end
local own, home, free, longest
local function ends(number) return held[number] and held[number].ends or -1 end
for c = 12, #ARGV do
  local isHome, number = string.sub(ARGV[c], 1, 1) == 'h', string.sub(ARGV[c], 2)
  local leg = held[number]
  if not leg or leg.ends <= now then
    if leg and marks[leg.mark] and (not own or ends(number) > ends(own)) then own = number end
    if not leg or leg.ends + rest <= now then
      if isHome and (not home or ends(number) < ends(home)) then home = number end
      if not free or ends(number) < ends(free) then free = number end
    end
    if not longest or ends(number) < ends(longest) then longest = number end
  end
end
if own then return give(own, '') end
local chosen = home or free or (short and longest)
if chosen then return give(chosen, restedFor(held[chosen])) end
local reply = { 'exhausted' }
for number, leg in pairs(held) do
  if leg.ends + rest > now then
    reply[#reply + 1] =
      table.concat({ number, leg.session, string.format('%.0f', leg.ends), leg.claimed, leg.stamp }, '|')
  end
end
return reply
`

/** `takeNumber` of `masking/allocation.ts`: one given number. */
const TAKE = `${READ_BOOK}
local number = ARGV[12]
local leg = held[number]
if not leg then return give(number, '') end
if isOurs(leg) then return give(number, leg.rested) end
local taken = { 'taken', string.format('%.0f', leg.ends + rest) }
if leg.ends > now then return taken end
if marks[leg.mark] then return give(number, '') end
if leg.ends + rest <= now or short then return give(number, restedFor(leg)) end
return taken
`

/** Undoes what one claim wrote, and restores the leg before it, if there was one. */
const RELEASE = `
if redis.call('HGET', KEYS[1], ARGV[1]) ~= ARGV[2] then return 0 end
if ARGV[3] == '' then return redis.call('HDEL', KEYS[1], ARGV[1]) end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
return 1
`

/** Writes what changed of a session into its leg, unless a later version or another claim wrote it since. */
const AMEND = `${READ_LEG}
local number = ARGV[2]
local text = redis.call('HGET', KEYS[1], number)
local leg = text and read(text)
if not leg or leg.session ~= ARGV[1] then return 0 end
local version = tonumber(ARGV[6]) or leg.version
if leg.version > version or (ARGV[7] ~= '' and leg.stamp ~= ARGV[7]) then return 0 end
leg.version = version
if ARGV[3] ~= '' then leg.ends = tonumber(ARGV[3]) end
if ARGV[4] ~= '' then leg.mark = ARGV[4] end
write(number, leg)
redis.call('PEXPIREAT', KEYS[1], string.format('%.0f', leg.ends + tonumber(ARGV[5])), 'GT')
return 1
`

const RECORD = `
local function record() return redis.call('HMGET', KEYS[1], 'v', 'x', 'c', 'd', 'a') end
`

/** Writes a session that does not exist yet; returns what exists now. */
const COMMIT = `${RECORD}
if redis.call('EXISTS', KEYS[1]) == 1 then return { 'existing', record() } end
redis.call('HSET', KEYS[1], 'v', '1', 'x', ARGV[1], 'd', ARGV[2])
redis.call('PEXPIREAT', KEYS[1], ARGV[3])
return { 'created' }
`

/** Writes a tombstone, so that a session is never written, unless it exists already. */
const ABORT = `${RECORD}
if redis.call('HEXISTS', KEYS[1], 'd') == 1 then return { 'existing', record() } end
redis.call('HSET', KEYS[1], 'a', '1')
redis.call('PEXPIRE', KEYS[1], ARGV[1])
return { 'aborted' }
`

/** Changes an open session, if it is still as it was read. */
const UPDATE = `
local v, x, c, b = unpack(redis.call('HMGET', KEYS[1], 'v', 'x', 'c', 'b'))
if not v then return 'unknown' end
if c or b or tonumber(x) <= tonumber(ARGV[2]) then return 'ended' end
if v ~= ARGV[1] then return 'changed' end
redis.call('HSET', KEYS[1], 'v', string.format('%.0f', tonumber(v) + 1), 'x', ARGV[3], 'd', ARGV[4])
redis.call('PEXPIREAT', KEYS[1], ARGV[5])
return 'updated'
`

/** Marks a session that is over, so that it is never changed again. Returns whether it is over, or gone. */
const BURY = `
local x, c = unpack(redis.call('HMGET', KEYS[1], 'x', 'c'))
if not x then return 1 end
if not c and tonumber(x) > tonumber(ARGV[1]) then return 0 end
redis.call('HSET', KEYS[1], 'b', '1')
return 1
`

/**
 * Adds a session to those of its name. Each was over before the next one began, so all before one that began longer ago
 * than sessions are remembered are forgotten.
 */
const NAME = `
redis.call('ZADD', KEYS[1], ARGV[1], ARGV[2])
local old = redis.call('ZRANGE', KEYS[1], ARGV[4], '-inf', 'BYSCORE', 'REV', 'LIMIT', 0, 1, 'WITHSCORES')
if old[2] then redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', '(' .. old[2]) end
if redis.call('PTTL', KEYS[1]) < 0 then redis.call('PEXPIREAT', KEYS[1], ARGV[3])
else redis.call('PEXPIREAT', KEYS[1], ARGV[3], 'GT') end
`

/**
 * Closes a session, if it is still as it was read. One that is over already is written as it is, so that it goes to the
 * replicas again.
 */
const CLOSE = `
local v = redis.call('HGET', KEYS[1], 'v')
if not v then return 'unknown' end
if v ~= ARGV[1] then return 'changed' end
if ARGV[2] == '' then redis.call('HSET', KEYS[1], 'v', v)
else
  redis.call('HSET', KEYS[1], 'v', string.format('%.0f', tonumber(v) + 1), 'c', ARGV[2], 'd', ARGV[3])
  redis.call('PEXPIREAT', KEYS[1], ARGV[4])
end
return 'closed'
`

/** Closes a session that cannot be read, whatever stands there: its end takes its place. */
const END = `
if redis.call('EXISTS', KEYS[1]) == 0 then return 'unknown' end
redis.call('DEL', KEYS[1])
redis.call('HSET', KEYS[1], 'v', '0', 'x', ARGV[1], 'c', ARGV[1], 'd', ARGV[2])
redis.call('PEXPIREAT', KEYS[1], ARGV[3])
return 'closed'
`

/** Writes a session that is not closed again, unchanged, so that it goes to the replicas. Returns its version. */
const TOUCH = `
local v, c = unpack(redis.call('HMGET', KEYS[1], 'v', 'c'))
if not v or c then return false end
redis.call('HSET', KEYS[1], 'v', v)
return v
`

/** Replaces or deletes a text, if it is still this one. */
const SWAP = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
if ARGV[2] == '' then return redis.call('DEL', KEYS[1]) end
redis.call('SET', KEYS[1], ARGV[2], 'PXAT', ARGV[3])
return 1
`

const SCRIPTS = {
  cmClaim: CLAIM,
  cmTake: TAKE,
  cmRelease: RELEASE,
  cmAmend: AMEND,
  cmCommit: COMMIT,
  cmAbort: ABORT,
  cmUpdate: UPDATE,
  cmBury: BURY,
  cmName: NAME,
  cmClose: CLOSE,
  cmEnd: END,
  cmTouch: TOUCH,
  cmSwap: SWAP,
} as const

type Argument = string | number

/** A client that knows the scripts: each takes its key, then its arguments. */
export type ScriptedClient = Client & {
  readonly [name in keyof typeof SCRIPTS]: (key: string, ...args: Argument[]) => Promise<unknown>
}

/** Adds the scripts to a client, which sends one in full only when the server does not know it yet. */
export function withScripts(client: Client): ScriptedClient {
  for (const [name, lua] of Object.entries(SCRIPTS)) client.defineCommand(name, { numberOfKeys: 1, lua })
  return client as ScriptedClient
}
