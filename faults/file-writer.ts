/** A process of `file-kills.ts`: it opens the store in a folder, answers what is there, and writes until it is killed. */
import { setImmediate as turn } from 'node:timers/promises'
import { systemClock } from '../src/clock.js'
import { type FileTexts, openFileTexts } from '../src/stores/file/file-texts.js'

/** What it is asked. */
export type Order =
  | { readonly open: string }
  /** Values are read, and entries looked for, by their ids. */
  | { readonly look: Wanted }
  | { readonly write: { readonly round: number } }

/** Ids. */
interface Wanted {
  readonly values: readonly string[]
  readonly entries: readonly string[]
}

/** What it says: that it has opened the store, what is there, what was acknowledged. */
export type Said = { readonly opened: true } | Seen | { readonly acknowledged: readonly Acknowledged[] }

/** In the order in which it was asked for. */
export interface Seen {
  readonly values: readonly (string | undefined)[]
  readonly entries: readonly boolean[]
}

/** An entry of the list has no value. */
export interface Acknowledged {
  readonly id: string
  readonly value?: string
}

const WRITERS = 48
/** So many write in the place of what they wrote before; the others write what is new, or to the list. */
const COUNTERS = 16
const LIST = { kind: 'entries', id: 'all' }
const NEVER = Number.POSITIVE_INFINITY

let texts: FileTexts | undefined
let gathered: Acknowledged[] = []

process.on('message', async (order: Order) => {
  if ('open' in order) {
    texts = await openFileTexts({ folder: order.open, ...systemClock })
    return say({ opened: true })
  }
  if (!texts) throw new Error('the store is not open')
  if ('look' in order) return say(await look(texts, order.look))
  for (let i = 0; i < WRITERS; i++) void write(texts, i, order.write.round)
})

async function look(
  texts: FileTexts,
  { values, entries }: { values: readonly string[]; entries: readonly string[] },
) {
  const [first, last] = [entries[0], entries.at(-1)]
  const there = new Set<string>()
  for (let at = first ? positionOf(first) - 1 : 0; first && last && at < positionOf(last); ) {
    const piece = await texts.entries(LIST, { order: 'oldest first', after: { id: '~', at }, limit: 1_000 })
    for (const { id } of piece) there.add(id)
    at = piece.at(-1)?.at ?? positionOf(last)
  }
  return {
    values: (await texts.read(values.map(nameOf))).map((text) => text as string | undefined),
    entries: entries.map((id) => there.has(id)),
  }
}

async function write(texts: FileTexts, writer: number, round: number): Promise<void> {
  const filler = 'x'.repeat(100 + writer * 20)
  for (let i = 0; ; i++) {
    if (writer < COUNTERS) {
      const id = `counter ${writer}`
      const [was] = await texts.read([nameOf(id)])
      const value = `${Number.parseInt(String(was ?? 0), 10) + 1} ${filler}`
      if (await texts.swap({ name: nameOf(id), was, text: value, until: NEVER })) acknowledge({ id, value })
    } else if (writer < WRITERS - 8) {
      const id = `${round}-${writer}-${i}`
      const value = `${id} ${filler}`
      if (await texts.swap({ name: nameOf(id), was: undefined, text: value, until: NEVER }))
        acknowledge({ id, value })
    } else {
      const at = round * 1_000_000 + i * 100 + writer
      await texts.enlist(LIST, { id: String(at), at }, NEVER)
      acknowledge({ id: String(at) })
    }
  }
}

function positionOf(id: string): number {
  return Number(id)
}

function nameOf(id: string) {
  return { kind: 'values', id }
}

/** Says many at once. */
async function acknowledge(one: Acknowledged): Promise<void> {
  gathered.push(one)
  if (gathered.length > 1) return
  await turn()
  say({ acknowledged: gathered })
  gathered = []
}

function say(said: Said): void {
  process.send?.(said)
}
