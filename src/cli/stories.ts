/** What the carrier tells of a call after its first question, in the order of its page on transferred calls. */
export interface StoryStep {
  /** Whom it tells: the URL of the document that is for this, or the one of the first question. */
  readonly to: 'leg' | 'whisper' | 'recording' | 'recorded' | 'dialled' | 'answer'
  readonly fields: Readonly<Record<string, string>>
}

export const STORIES = ['answered', 'busy', 'no-answer', 'declined', 'cancelled', 'failed'] as const
export type Story = (typeof STORIES)[number]

/** Seconds for which the two talk in a story. */
const TALK = 42

interface Ending {
  readonly dialStatus: string
  readonly cause: string
  readonly code: string
  readonly source: string
}

/** How the called phone's leg ends, by vobiz.ai's pages on hangup causes and on the status of a dial. */
const ENDINGS: Readonly<Record<Story, Ending>> = {
  answered: { dialStatus: 'completed', cause: 'NORMAL_CLEARING', code: '4000', source: 'Callee' },
  busy: { dialStatus: 'busy', cause: 'USER_BUSY', code: '3010', source: 'Carrier' },
  'no-answer': { dialStatus: 'no-answer', cause: 'NO_ANSWER', code: '6010', source: 'Vobiz' },
  declined: { dialStatus: 'busy', cause: 'CALL_REJECTED', code: '3020', source: 'Callee' },
  cancelled: { dialStatus: 'cancel', cause: 'ORIGINATOR_CANCEL', code: '1000', source: 'Caller' },
  failed: { dialStatus: 'failed', cause: 'NETWORK_OUT_OF_ORDER', code: '5000', source: 'Carrier' },
}

/** Of the called leg and the recording, as the carrier makes them. */
export interface StoryIds {
  readonly leg: string
  readonly recording: string
}

/** What is told until the two talk, and they still do. */
export function stepsUntilTalk(ids: StoryIds): StoryStep[] {
  const steps = storySteps('answered', ids)
  return steps.slice(
    0,
    steps.findIndex(({ fields }) => fields.Event === 'DialHangup'),
  )
}

export function storySteps(story: Story, ids: StoryIds): StoryStep[] {
  const { dialStatus, cause, code, source } = ENDINGS[story]
  const isAnswered = story === 'answered'
  const leg = { DialBLegUUID: ids.leg }
  const recording = { RecordingID: ids.recording }
  const seconds = isAnswered ? TALK : 0
  return [
    { to: 'recording', fields: { Event: 'Record', ...recording } },
    ...(isAnswered
      ? ([
          { to: 'leg', fields: { Event: 'DialAnswer', DialAction: 'answer', ...leg } },
          { to: 'whisper', fields: {} },
          { to: 'leg', fields: { Event: 'DialConnected', DialAction: 'connected', ...leg } },
        ] as const)
      : []),
    {
      to: 'leg',
      fields: {
        Event: 'DialHangup',
        DialAction: 'hangup',
        ...leg,
        DialBLegDuration: String(seconds),
        DialBLegHangupCause: cause,
        DialBLegHangupCauseCode: code,
        DialBLegHangupSource: source,
      },
    },
    {
      to: 'dialled',
      fields: { Event: 'DialAction', DialStatus: dialStatus, DialRingStatus: 'true', DialHangupCause: cause },
    },
    {
      to: 'answer',
      fields: {
        Event: 'Hangup',
        CallStatus: 'completed',
        Duration: String(seconds),
        HangupCause: cause,
        HangupCauseCode: code,
        HangupSource: source,
      },
    },
    {
      to: 'recorded',
      fields: { Event: 'RecordStop', ...recording, RecordingDurationMs: String(seconds * 1_000) },
    },
  ]
}
