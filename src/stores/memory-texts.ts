import { setImmediate as turn } from 'node:timers/promises'
import { AS_BEFORE } from '../masking/storage.js'
import { createMemoryList, insertInto, type MemoryList, pieceOf, removeFrom } from './memory-lists.js'
import type { FoundText, Name, Texts } from './texts.js'

/** How many texts of a kind each upkeep looks at, and how many are looked at before other work has its turn. */
export const UPKEEP_STEP = 4_000
const ALL_STEP = 2_000

/** In front of each text, until when it is kept: a number beside it would cost three times as much. */
const UNTIL_DIGITS = 9
const UNTIL_BASE = 36
const FOR_EVER = UNTIL_BASE ** UNTIL_DIGITS - 1

/** What is kept of one kind, each under its id: a session's is there once, whatever leads to it. */
interface Kind {
  readonly texts: Map<string, string>
  readonly lists: Map<string, KeptList>
  readonly sweep: () => void
}

interface KeptList extends MemoryList {
  until: number
}

/** Texts in this process's memory: for one instance, and until it ends. */
export function createMemoryTexts(clock: () => number): Texts {
  const kinds = new Map<string, Kind>()
  let latest = Number.NEGATIVE_INFINITY

  return {
    read: (names) => names.map(textOf),

    async swap({ name, was, text, until }) {
      const { texts } = kindOf(name.kind)
      const before = texts.get(name.id)
      if (before?.slice(UNTIL_DIGITS) !== was) return false
      if (text === undefined) texts.delete(name.id)
      else
        texts.set(name.id, inOnePiece((until === AS_BEFORE ? digitsOf(before) : untilDigits(until)) + text))
      return true
    },

    async enlist(name, entry, until) {
      const list = listOf(name, until)
      insertInto(list, entry)
      list.until = Math.max(list.until, until)
    },

    async delist(name, entries) {
      const { lists } = kindOf(name.kind)
      const list = lists.get(name.id)
      if (!list) return
      removeFrom(list, entries)
      if (list.size === 0) lists.delete(name.id)
    },

    async entries(name, piece) {
      const list = kindOf(name.kind).lists.get(name.id)
      return list ? pieceOf(list, piece) : []
    },

    async *all(kind) {
      let found: FoundText[] = []
      for (const [id, kept] of kindOf(kind).texts) {
        found.push({ id, text: kept.slice(UNTIL_DIGITS) })
        if (found.length < ALL_STEP) continue
        yield found
        found = []
        await turn()
      }
      yield found
    },

    // What is kept lasts as long as the process, so a change cannot get lost while it does.
    confirm: async () => true,

    now,

    async upkeep() {
      for (const kind of kinds.values()) kind.sweep()
    },
  }

  function now(): number {
    latest = Math.max(latest, clock())
    return latest
  }

  function textOf({ kind, id }: Name): string | undefined {
    return kindOf(kind).texts.get(id)?.slice(UNTIL_DIGITS)
  }

  function listOf({ kind, id }: Name, until: number): KeptList {
    const { lists } = kindOf(kind)
    const known = lists.get(id)
    if (known) return known
    const list = { ...createMemoryList(), until }
    lists.set(id, list)
    return list
  }

  function kindOf(name: string): Kind {
    const known = kinds.get(name)
    if (known) return known
    const texts = new Map<string, string>()
    const lists = new Map<string, KeptList>()
    const sweepTexts = sweeperOf(
      texts,
      (kept) => Number.parseInt(kept.slice(0, UNTIL_DIGITS), UNTIL_BASE) <= now(),
    )
    const sweepLists = sweeperOf(lists, ({ until }) => until <= now())
    const sweep = () => {
      sweepTexts()
      sweepLists()
    }
    const kind = { texts, lists, sweep }
    kinds.set(name, kind)
    return kind
  }
}

/** Looks at a bounded piece of a map with each call, and deletes what is over. It goes on through all changes to the map. */
function sweeperOf<Value>(map: Map<string, Value>, isOver: (value: Value) => boolean): () => void {
  // Not before it is needed: until it goes on, it keeps what the map was when it began.
  let position: Iterator<[string, Value]> | undefined
  return () => {
    position ??= map.entries()
    for (let looked = 0; looked < UPKEEP_STEP; looked += 1) {
      const { value: entry, done } = position.next()
      if (done) {
        position = undefined
        return
      }
      if (isOver(entry[1])) map.delete(entry[0])
    }
  }
}

function untilDigits(until: number): string {
  return Math.min(Math.ceil(until), FOR_EVER).toString(UNTIL_BASE).padStart(UNTIL_DIGITS, '0')
}

function digitsOf(kept: string | undefined): string {
  return kept?.slice(0, UNTIL_DIGITS) ?? untilDigits(FOR_EVER)
}

/** A text that was put together keeps its parts beside it. Of a million sessions that is a third of the memory. */
function inOnePiece(text: string): string {
  return Buffer.from(text).toString()
}
