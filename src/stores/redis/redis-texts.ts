import { Cluster, type RedisOptions } from 'ioredis'
import { AS_BEFORE, type Entry, isBefore, type Piece } from '../../masking/storage.js'
import { type FoundText, type Name, type Texts, WRONG_TYPE } from '../texts.js'
import type { Client } from './client.js'
import type { Confirmer } from './confirmer.js'
import { gathered } from './gathering.js'
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

interface Enlisting {
  readonly key: string
  readonly entry: Entry
  readonly until: number
}

/** Stands for nothing, and for what is no text. No text that is kept is one of these. */
const NOTHING = ''
const NO_TEXT = '!'

/** Texts on Redis or Valkey: a string each, and a sorted set for each list. */
export function createRedisTexts({ link, confirmer, prefix, now }: RedisTextsOptions): Texts {
  const keyOf = ({ kind, id }: Name) => `${prefix}${kind}:${id}`
  const ask = <Reply>(question: (client: ScriptedClient) => Promise<Reply>) =>
    link.ask((client) => question(client as ScriptedClient))
  const readKeys = gathered<readonly string[], readonly (FoundText['text'] | undefined)[]>(readAll)
  const enlistOne = gathered<Enlisting, unknown>(enlistAll)

  return {
    read: (names) => readKeys(names.map(keyOf)),

    swap: ({ name, was = NOTHING, text = NOTHING, until }) =>
      ask(async (client) => {
        const key = keyOf(name)
        confirmer.note(client, key)
        const expected = was === WRONG_TYPE ? NO_TEXT : was
        return (await client.cmSwap(key, expected, text, expiryOf(until))) === 1
      }),

    async enlist(name, entry, until) {
      await enlistOne({ key: keyOf(name), entry, until })
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

    confirm: (names) => confirmer.confirm(names().map(keyOf)),

    now,

    // The server forgets by itself.
    upkeep: async () => undefined,
  }

  async function readAll(questions: readonly (readonly string[])[]) {
    const texts = await ask((client) => textsAt(client, questions.flat()))
    let read = 0
    return questions.map(({ length }) => {
      read += length
      return texts.slice(read - length, read)
    })
  }

  /** All that come into one list by one command. */
  async function enlistAll(all: readonly Enlisting[]): Promise<readonly unknown[]> {
    const lists = new Map<string, Enlisting[]>()
    for (const one of all) {
      const known = lists.get(one.key)
      if (known) known.push(one)
      else lists.set(one.key, [one])
    }
    await ask((client) =>
      Promise.all(
        [...lists].map(([key, those]) => {
          const until = Math.max(...those.map(({ until }) => until))
          return client.cmEnlist(key, expiryOf(until), ...those.flatMap(({ entry }) => [entry.at, entry.id]))
        }),
      ),
    )
    return all
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

async function textsAt(
  client: ScriptedClient,
  keys: readonly string[],
): Promise<(FoundText['text'] | undefined)[]> {
  // The keys of a cluster are on several servers.
  if (keys.length < MANY || client instanceof Cluster)
    return Promise.all(keys.map((key) => textAt(client, key)))
  // Of MGET one cannot tell nothing from what is no text.
  const texts = await client.cmRead(keys.length, ...keys)
  return texts.map((text) => (typeof text === 'number' ? WRONG_TYPE : (text ?? undefined)))
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
