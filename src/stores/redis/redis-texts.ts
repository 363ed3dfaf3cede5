import { Cluster, type RedisOptions } from 'ioredis'
import { AS_BEFORE, type Entry, isBefore, type Piece } from '../../masking/storage.js'
import { type FoundText, type Name, type Texts, WRONG_TYPE } from '../texts.js'
import type { Client } from './client.js'
import type { Confirmer } from './confirmer.js'
import type { Link } from './link.js'
import { isReply, replyWord } from './reply-word.js'
import { keysMatching } from './scan.js'
import type { ScriptedClient } from './scripts.js'

export interface RedisTextsOptions {
  readonly link: Link
  readonly confirmer: Confirmer
  /** In front of every key. */
  readonly prefix: string
  readonly now: () => number
}

/** Stands for nothing, and for what is no text. No text that is kept is one of these. */
const NOTHING = ''
const NO_TEXT = '!'

/** Texts on Redis or Valkey: a string each, and a sorted set for each list. */
export function createRedisTexts({ link, confirmer, prefix, now }: RedisTextsOptions): Texts {
  const keyOf = ({ kind, id }: Name) => `${prefix}${kind}:${id}`
  const ask = <Reply>(question: (client: ScriptedClient) => Promise<Reply>) =>
    link.ask((client) => question(client as ScriptedClient))

  return {
    read: (names) => ask((client) => textsAt(client, names.map(keyOf))),

    swap: ({ name, was = NOTHING, text = NOTHING, until }) =>
      ask(async (client) => {
        const key = keyOf(name)
        confirmer.note(client, key)
        const expected = was === WRONG_TYPE ? NO_TEXT : was
        return (await client.cmSwap(key, expected, text, expiryOf(until))) === 1
      }),

    async enlist(name, { id, at }, until) {
      await ask((client) => client.cmEnlist(keyOf(name), at, id, expiryOf(until)))
    },

    async delist(name, entries) {
      if (entries.length > 0) await ask((client) => client.zrem(keyOf(name), ...entries.map(({ id }) => id)))
    },

    entries: (name, piece) => entriesOf(keyOf(name), piece),

    async *all(kind) {
      const front = `${prefix}${kind}:`
      for await (const keys of keysMatching(link, `${front.replace(/[*?[\]\\]/g, '\\$&')}*`)) {
        const texts = await ask((client) => textsAt(client, keys))
        const found: FoundText[] = keys.flatMap((key, i) => {
          const text = texts[i]
          return text === undefined ? [] : { id: key.slice(front.length), text }
        })
        yield found
      }
    },

    confirm: (names) => confirmer.confirm(names.map(keyOf)),

    now,

    // The server forgets by itself.
    upkeep: async () => undefined,
  }

  async function entriesOf(key: string, { order, after, limit }: Piece): Promise<Entry[]> {
    const isForward = order === 'oldest first'
    // Those of one millisecond stand in the order of their ids, so those that come with it are looked through.
    const same = after ? await ask((client) => client.zcount(key, after.at, after.at)) : 0
    const from = String(after?.at ?? (isForward ? '-inf' : '+inf'))
    const flat = await ask((client) =>
      isForward
        ? client.zrange(key, from, '+inf', 'BYSCORE', 'LIMIT', 0, limit + same, 'WITHSCORES')
        : client.zrange(key, from, '-inf', 'BYSCORE', 'REV', 'LIMIT', 0, limit + same, 'WITHSCORES'),
    )
    const entries: Entry[] = []
    for (let i = 0; i < flat.length; i += 2) entries.push({ id: String(flat[i]), at: Number(flat[i + 1]) })
    const isBehind = (entry: Entry) => !after || (isForward ? isBefore(after, entry) : isBefore(entry, after))
    return entries.filter(isBehind).slice(0, limit)
  }
}

/** From this many on, one command for all costs less than one for each. */
const MANY = 8

async function textsAt(client: Client, keys: readonly string[]) {
  // The keys of a cluster are on several servers.
  if (keys.length < MANY || client instanceof Cluster)
    return Promise.all(keys.map((key) => textAt(client, key)))
  const texts = await client.mget([...keys])
  // What is no text looks like nothing here.
  return Promise.all(texts.map((text, i) => text ?? textAt(client, keys[i] as string)))
}

async function textAt(client: Client, key: string): Promise<string | typeof WRONG_TYPE | undefined> {
  try {
    return (await client.get(key)) ?? undefined
  } catch (error) {
    if (isReply(error) && replyWord(error) === 'WRONGTYPE') return WRONG_TYPE
    throw error
  }
}

/** As the scripts take it: empty where it never expires. */
function expiryOf(until: number | typeof AS_BEFORE): number | '' | 'keep' {
  if (until === AS_BEFORE) return 'keep'
  return Number.isFinite(until) ? Math.ceil(until) : ''
}

/** The time of the server, or of the one server of a cluster that all instances ask. */
export async function timeOf(link: Link): Promise<number> {
  const [seconds, micros] = await link.ask(async (client) => {
    const nodes = client instanceof Cluster ? client.nodes('master') : []
    const [first] = nodes.sort((a, b) => (addressOf(a.options) < addressOf(b.options) ? -1 : 1))
    return (first ?? client).time()
  })
  return Number(seconds) * 1_000 + Number(micros) / 1_000
}

function addressOf({ host, port }: RedisOptions): string {
  return `${host}:${port}`
}
