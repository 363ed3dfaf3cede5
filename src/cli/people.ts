import type { ReceiptView } from '../api/person-schemas.js'
import { type ApiOptions, showReply } from './api.js'
import { numberFromInput } from './input.js'
import { EXIT, type ExitCode, type Io, say, sayJson } from './io.js'
import { labelled } from './layout.js'

export interface EraseOptions extends ApiOptions {
  readonly yes?: boolean
}

/** Milliseconds that the service may take: it reads everything that is kept. */
const PATIENCE_MS = 10 * 60 * 1_000

/** Erases everything that is kept of the person whose number comes on the standard input. */
export async function erasePerson(io: Io, options: EraseOptions): Promise<ExitCode> {
  const number = await numberFromInput(io)
  const question = 'Close the sessions of this person, and erase everything that is kept of them?'
  // Whoever pipes a number in has decided.
  if (io.isInteractive && !options.yes && !(await io.confirm(question))) {
    if (options.json) sayJson(io, null)
    else say(io, 'Nothing was erased.')
    return EXIT.failed
  }
  const request = {
    method: 'POST',
    path: '/people/erase',
    body: { number },
    patienceMs: PATIENCE_MS,
  } as const
  return showReply(io, options, request, receiptLines)
}

function receiptLines({ erased_at, removed, unreadable, durable }: ReceiptView): string[] {
  return [
    ...labelled({
      erased: erased_at,
      sessions: `${removed.sessions}, of which ${removed.closed} were open`,
      calls: `${removed.calls} of these sessions`,
      left: `${removed.replaced} sessions of others`,
      books: `${removed.books} of the person, ${removed.mentions} of others`,
      keys: `${removed.keys}`,
      lists: `${removed.list_entries} entries`,
    }),
    ...(unreadable > 0
      ? [
          `${unreadable} texts in the store cannot be read: give the service all keys in STORE_KEY, and ask again.`,
        ]
      : []),
    ...(durable ? [] : ['Only one server of the store knows it yet: ask again later.']),
  ]
}
