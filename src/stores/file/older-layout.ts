import type { Database } from './database.js'
import { entryKey, listKey } from './layout.js'

/** Where the entries of lists were, each under `['entries kind/id', at, id]`, while each list had its time under `list kind/id`. */
const OLDER_ENTRIES = { start: 'entries ', end: 'entries!' } as const

/** How many entries are moved in one transaction. */
const PIECE = 10_000

/** Moves the entries of a file that was written before the first release to where they are looked for now. */
export function moveOlderEntries(db: Database): void {
  while (movePiece(db) > 0);
}

function movePiece(db: Database): number {
  const keys = [...db.getKeys({ ...OLDER_ENTRIES, limit: PIECE })]
  if (keys.length === 0) return 0
  db.transactionSync(() => {
    for (const key of keys) {
      const [entries, at, id] = key as [string, number, string]
      const name = entries.slice(OLDER_ENTRIES.start.length)
      const slash = name.indexOf('/')
      const list = listKey({ kind: name.slice(0, slash), id: name.slice(slash + 1) })
      db.put(entryKey(list, { at, id }), db.get(`list ${name}`) ?? String(Number.POSITIVE_INFINITY))
      db.remove(key)
    }
  })
  return keys.length
}
