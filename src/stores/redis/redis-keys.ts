import { randomUUID } from 'node:crypto'
import type { HashedKey } from '../../access/api-key.js'
import { type KeyRecords, MAX_STORED_KEYS, OVER_MEMORY_MS } from '../../access/key-records.js'
import type { Link } from './link.js'
import type { Vault } from './vault.js'

/** One hash: a field for each key, and one that changes with any of them. */
const KEYS = 'callmask:api-keys'
const VERSION = 'version'
const FIELD = 'key:'

/** Puts a record in the place of the one that was read, if that is still there. Answers `taken` or `full` otherwise. */
const REPLACE = `
local field, expected, record, version, limit = unpack(ARGV)
local there = redis.call('HGET', KEYS[1], field) or ''
if there ~= expected then return 'taken' end
if there == '' and redis.call('HLEN', KEYS[1]) > tonumber(limit) then return 'full' end
redis.call('HSET', KEYS[1], field, record, 'version', version)
return 'done'
`

export interface RedisKeysOptions {
  readonly link: Link
  readonly vault: Vault
  readonly now: () => number
  /** Told of records that none of our keys opens, or that were changed: they are passed over. */
  readonly onUnreadable: (count: number) => void
}

/** A record as it was read. */
interface Found {
  readonly key: HashedKey
  readonly record: string
}

/**
 * Keys in the store. A record is sealed: whoever can write the store can neither make a key nor give one more scopes. They
 * can take one away, and put back a record that was there before, also one of before it was revoked.
 */
export function createRedisKeys({ link, vault, now, onUnreadable }: RedisKeysOptions): KeyRecords {
  let seen: string | null | undefined

  return {
    async load() {
      const version = await link.ask((client) => client.hget(KEYS, VERSION))
      if (version === seen) return undefined
      const { found, old } = await readAll()
      for (const { key, record } of old) await replace(key, record)
      seen = version
      return found.map(({ key }) => key)
    },

    async add(key) {
      const { found } = await readAll()
      const forgotten = found.filter(({ key }) => isOver(key, OVER_MEMORY_MS)).map(({ key }) => fieldOf(key))
      if (forgotten.length > 0) await link.ask((client) => client.hdel(KEYS, ...forgotten))
      const before = found.find(({ key: { name } }) => name === key.name)
      if (before && !isOver(before.key, 0)) return 'exists'
      const isGone = !before || forgotten.includes(fieldOf(before.key))
      const answer = await replace(key, isGone ? '' : before.record)
      if (answer === 'full') return 'full'
      return answer === 'done' ? 'added' : 'exists'
    },

    async revoke(name) {
      for (;;) {
        const { found } = await readAll()
        const before = found.find(({ key }) => key.name === name && !isOver(key, 0))
        if (!before) return undefined
        const revoked = { ...before.key, revokedAt: now() }
        if ((await replace(revoked, before.record)) === 'done') return revoked
      }
    },
  }

  function isOver({ revokedAt, expiresAt }: HashedKey, forMs: number): boolean {
    const end = Math.min(revokedAt ?? Number.POSITIVE_INFINITY, expiresAt ?? Number.POSITIVE_INFINITY)
    return end + forMs <= now()
  }

  async function readAll() {
    const fields = await link.ask((client) => client.hgetall(KEYS))
    const records = Object.entries(fields).filter(([field]) => field.startsWith(FIELD))
    const found = records.flatMap(([field, record]) => {
      const key = opened(record, field)
      return key ? [{ key, record }] : []
    })
    if (found.length < records.length) onUnreadable(records.length - found.length)
    // Written again with the key that writes now, or it would be lost with the older one.
    const old = found.filter(({ record }) => !record.startsWith(`${vault.keyIds[0]}.`))
    return { found, old }
  }

  function opened(record: string, field: string): HashedKey | undefined {
    try {
      return JSON.parse(vault.open(record, contextOf(field)))
    } catch {
      return undefined
    }
  }

  function replace(key: HashedKey, before: Found['record']): Promise<unknown> {
    const field = fieldOf(key)
    const record = vault.seal(JSON.stringify(key), contextOf(field))
    return link.ask((client) =>
      client.eval(REPLACE, 1, KEYS, field, before, record, randomUUID(), MAX_STORED_KEYS),
    )
  }
}

function fieldOf({ name }: HashedKey): string {
  return FIELD + name
}

/** A record opens only in its own place. */
function contextOf(field: string): string {
  return `api-key ${field}`
}
