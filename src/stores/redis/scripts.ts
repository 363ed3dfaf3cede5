import type { Client } from './client.js'

/**
 * Compare-and-set: puts a text in the place of another, or of nothing (empty). What is no text counts as `!`. It touches one
 * key, so that it is one step in a cluster too.
 *
 * KEYS[1]; ARGV: the expected text, the new one or nothing, until when it is kept (milliseconds since 1970), nothing, or
 * `keep`: for as long as the one that was there
 */
const SWAP = `
local there = redis.pcall('GET', KEYS[1])
if type(there) == 'table' then there = '!' end
if (there or '') ~= ARGV[1] then return 0 end
if ARGV[2] == '' then redis.call('DEL', KEYS[1])
elseif ARGV[3] == '' then redis.call('SET', KEYS[1], ARGV[2])
elseif ARGV[3] == 'keep' then redis.call('SET', KEYS[1], ARGV[2], 'KEEPTTL')
else redis.call('SET', KEYS[1], ARGV[2], 'PXAT', ARGV[3]) end
return 1
`

/**
 * Adds entries to a list, which is never kept for a shorter time than before.
 *
 * KEYS[1]; ARGV: until when the list is kept or nothing, then the time and the id of each entry
 */
const ENLIST = `
local isNew = redis.call('EXISTS', KEYS[1]) == 0
for i = 2, #ARGV, 2 do redis.call('ZADD', KEYS[1], ARGV[i], ARGV[i + 1]) end
if ARGV[1] == '' then redis.call('PERSIST', KEYS[1])
elseif isNew then redis.call('PEXPIREAT', KEYS[1], ARGV[1])
else redis.call('PEXPIREAT', KEYS[1], ARGV[1], 'GT') end
return 1
`

/** Reads several texts: nothing where nothing is, and a number where there is no text. */
const READ = `
local texts = {}
for i, key in ipairs(KEYS) do
  local text = redis.pcall('GET', key)
  if type(text) == 'table' then text = 0 end
  texts[i] = text
end
return texts
`

const SCRIPTS = { cmSwap: SWAP, cmEnlist: ENLIST } as const

type Argument = string | number

/** A client that knows the scripts: each takes its key, then its arguments. */
export type ScriptedClient = Client & {
  readonly [name in keyof typeof SCRIPTS]: (key: string, ...args: Argument[]) => Promise<unknown>
} & {
  readonly cmRead: (count: number, ...keys: string[]) => Promise<(string | number | null)[]>
}

/** Adds the scripts to a client, which sends one in full only when the server does not know it yet. */
export function withScripts(client: Client): ScriptedClient {
  for (const [name, lua] of Object.entries(SCRIPTS)) client.defineCommand(name, { numberOfKeys: 1, lua })
  client.defineCommand('cmRead', { lua: READ, readOnly: true })
  return client as ScriptedClient
}
