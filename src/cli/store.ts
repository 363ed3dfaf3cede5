import { API_KEYS_KIND } from '../access/kept-keys.js'
import { readConfig } from '../config/validation.js'
import { EVENT_KINDS } from '../events/event-keys.js'
import { KINDS } from '../masking/keys.js'
import { checkStore, type StoreReport } from '../masking/store-check.js'
import { SCHEMA } from '../stores/about.js'
import { resealAll } from '../stores/reseal.js'
import { EXIT, type ExitCode, type Io, say, sayJson, waitFor } from './io.js'
import { withStore } from './open-store.js'

export interface StoreOptions {
  readonly json?: boolean
}

/** Reads everything in the store and says what does not fit together. */
export async function checkStoreOf(io: Io, { json }: StoreOptions): Promise<ExitCode> {
  const config = readConfig(io.environment)
  const memory = { restMs: config.NUMBER_REST * 1_000, retentionMs: config.SESSION_RETENTION * 1_000 }
  const report = await withStore(io, config, ({ storage }) =>
    waitFor(io, 'reading the store', checkStore(storage, memory)),
  )
  const isFine = Object.values(report.wrong).every((count) => count === 0)
  if (json) sayJson(io, { ok: isFine, ...report })
  else say(io, ...reportLines(report), isFine ? 'Everything fits together.' : 'Something is wrong.')
  return isFine ? EXIT.ok : EXIT.failed
}

function reportLines({ holds, wrong, leftOver }: StoreReport): string[] {
  return [
    `The store holds ${holds.sessions} sessions, of which ${holds.open} are open, ${holds.books} books with ${holds.legs} legs, and ${holds.keys} keys of requests.`,
    ...linesOf({
      'texts are sealed with an older key: `callmask store upgrade` writes them again': holds.old,
      'legs lead nowhere: a crash or time left them, and they do no harm': leftOver.legs,
      'keys of requests lead nowhere, likewise': leftOver.keys,
      'entries of the list lead nowhere, likewise': leftOver.entries,
      'WRONG: texts cannot be read: altered, or sealed with a key that STORE_KEY lacks': wrong.unreadable,
      'WRONG: sides of open sessions are not in the book of their person: close these sessions and open new ones':
        wrong.sidesWithoutLeg,
      'WRONG: sessions are in no list': wrong.unlisted,
    }),
  ]
}

function linesOf(counts: Readonly<Record<string, number>>): string[] {
  return Object.entries(counts).flatMap(([what, count]) => (count > 0 ? [`${count} ${what}.`] : []))
}

/** Brings the store to the form of this version, and writes everything again that is sealed with an older key. */
export async function upgradeStore(io: Io, { json }: StoreOptions): Promise<ExitCode> {
  const config = readConfig(io.environment)
  const done = await withStore(io, config, async ({ storage, schema }) => ({
    schema: { was: schema, is: Math.max(schema, SCHEMA), ours: SCHEMA },
    ...(await waitFor(io, 'writing again', resealAll(storage, [...KINDS, ...EVENT_KINDS, API_KEYS_KIND]))),
  }))
  const { schema, seen, resealed, left, unreadable } = done
  const isDone = left + unreadable === 0
  if (json) sayJson(io, { ok: isDone, ...done })
  else
    say(
      io,
      `The store had schema ${schema.was}, and this version reads ${schema.ours}: it has ${schema.is} now.`,
      `${resealed} of ${seen} texts were sealed with an older key, and are written again.`,
      ...linesOf({
        'are still sealed with it: run this again, once all instances write with the new key': left,
        'cannot be read: put the key that they were sealed with into STORE_KEY, behind the others':
          unreadable,
      }),
      ...(isDone ? ['Only the first entry of STORE_KEY is needed now.'] : []),
    )
  return isDone ? EXIT.ok : EXIT.failed
}
