import type { AnsweredCall } from './call-story.js'
import type { Story } from './stories.js'

export interface Dialling {
  readonly from: string
  readonly dialled: string
  /** What the caller enters who is asked for it. */
  readonly pin?: string | undefined
}

/** A session as it was opened. */
interface OpenedSession {
  readonly id: string
  readonly participants: readonly { readonly masking_number: string }[]
}

/** The service, as the carrier and as the business ask it. */
export interface Played {
  dial(dialling: Dialling): Promise<AnsweredCall>
  /** Tells how a call went on, to its end. */
  end(call: AnsweredCall, story: Story): Promise<unknown>
  /** The same until the two talk. */
  talk(call: AnsweredCall): Promise<unknown>
  open(session: object): Promise<OpenedSession>
  close(session: OpenedSession): Promise<unknown>
}

/** What becomes of a call of an example. `rings` and `talks` go on. */
type Course = Story | 'rings' | 'talks'

interface Example {
  readonly externalId: string
  readonly city: string
  /** Which of the two calls, and what becomes of it. */
  readonly calls: readonly (readonly [caller: 0 | 1, course: Course])[]
  /** Seconds from now; by default the usual time of the service. */
  readonly expiresIn?: number
  readonly call?: object
  /** Is closed after its calls, and the first one calls once more. */
  readonly isClosed?: true
}

/** Seconds of the shortest session: it ends while somebody looks. */
const SOON = 60

const EXAMPLES: readonly Example[] = [
  {
    externalId: 'ride-101',
    city: 'Pune',
    calls: [
      [0, 'no-answer'],
      [1, 'answered'],
    ],
    isClosed: true,
  },
  { externalId: 'ride-102', city: 'Pune', calls: [[1, 'declined']], expiresIn: SOON },
  {
    externalId: 'ride-103',
    city: 'Nagpur',
    calls: [
      [0, 'busy'],
      [0, 'cancelled'],
      [0, 'failed'],
    ],
    call: { whisper: 'A call of your rider.', max_calls: 10 },
  },
  { externalId: 'ride-104', city: 'Pune', calls: [[1, 'rings']] },
  {
    externalId: 'ride-105',
    city: 'Nagpur',
    calls: [
      [1, 'answered'],
      [0, 'talks'],
    ],
  },
]

/** The real numbers of an example's two people, who are in no other one. */
function peopleOf(i: number): readonly [string, string] {
  return [`9188888001${i}1`, `9188888001${i}2`]
}

/** Fills the console: sessions that are open, closed and about to end, and calls with every outcome, of which some go on. */
export async function playExamples(played: Played): Promise<void> {
  for (const [i, example] of EXAMPLES.entries()) await playExample(played, example, peopleOf(i))
}

async function playExample(played: Played, example: Example, people: readonly [string, string]) {
  const { externalId, city, calls, expiresIn, call, isClosed } = example
  const session = await played.open({
    participants: people.map((number) => ({ number: `+${number}` })),
    external_id: externalId,
    metadata: { city },
    ...(expiresIn !== undefined && { expires_in: expiresIn }),
    ...(call && { call }),
  })
  const dialled = session.participants.map(({ masking_number }) => masking_number.slice(1))
  const dial = (caller: 0 | 1) => played.dial({ from: people[caller], dialled: dialled[caller] as string })
  for (const [caller, course] of calls) {
    const answered = await dial(caller)
    if (course === 'talks') await played.talk(answered)
    else if (course !== 'rings') await played.end(answered, course)
  }
  if (!isClosed) return
  await played.close(session)
  await dial(0)
}
