import { type Static, Type } from '@sinclair/typebox'
import { MAX_PAGE, PhoneNumberText, SESSION_MEMBERS, SOME_SESSION } from './session-schemas.js'

/** How many sessions a search finds at most where it does not say. */
export const DEFAULT_FOUND = 50
const SOME_PERSON = { number: '+91 98000 00001' }

export const SearchSessions = Type.Object(
  {
    number: PhoneNumberText,
    limit: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: MAX_PAGE,
        default: DEFAULT_FOUND,
        description: 'How many sessions at most.',
      }),
    ),
  },
  { title: 'SessionSearch', additionalProperties: false, examples: [SOME_PERSON] },
)

const FoundSession = Type.Object(
  {
    ...SESSION_MEMBERS,
    participant: Type.Unsafe<0 | 1 | null>({
      type: ['integer', 'null'],
      enum: [0, 1, null],
      description: 'Which of the participants the person is; null where they were replaced.',
    }),
  },
  { title: 'FoundSession' },
)

export const FoundSessionsView = Type.Object(
  {
    sessions: Type.Array(FoundSession, { description: 'The newest first.' }),
    more: Type.Boolean({ description: 'Whether there are older ones.' }),
  },
  {
    title: 'FoundSessions',
    examples: [{ sessions: [{ ...SOME_SESSION, participant: 0 }], more: false }],
  },
)
export type FoundSessionsView = Static<typeof FoundSessionsView>

export const ErasePerson = Type.Object(
  { number: PhoneNumberText },
  { title: 'PersonToErase', additionalProperties: false, examples: [SOME_PERSON] },
)

function count(description: string) {
  return Type.Integer({ minimum: 0, description })
}

const Removed = Type.Object(
  {
    sessions: count('Sessions of the person.'),
    closed: count('Those of them that were open until now.'),
    calls: count('Records of calls of these sessions.'),
    replaced: count('Sessions that they had left: these go on, and name them no longer.'),
    books: count('What was kept of the person alone.'),
    mentions: count('What was kept of others and named the person.'),
    keys: count('External ids and idempotency keys.'),
    list_entries: count('Entries of lists.'),
  },
  { title: 'Removed', description: 'How many of each kind.' },
)

export const ReceiptView = Type.Object(
  {
    erased_at: Type.String({ format: 'date-time' }),
    removed: Removed,
    unreadable: count(
      'How many texts in the store cannot be read, of whomever they are: altered, or sealed with a key that STORE_KEY lacks.',
    ),
    durable: Type.Boolean({
      description: 'Whether it outlives the loss of a server of the store. If not (202), ask again later.',
    }),
  },
  {
    title: 'ErasureReceipt',
    description: 'It holds nothing of the person.',
    examples: [
      {
        erased_at: '2100-01-01T00:00:00.000Z',
        removed: {
          sessions: 3,
          closed: 1,
          calls: 4,
          replaced: 0,
          books: 1,
          mentions: 3,
          keys: 3,
          list_entries: 6,
        },
        unreadable: 0,
        durable: true,
      },
    ],
  },
)
export type ReceiptView = Static<typeof ReceiptView>
