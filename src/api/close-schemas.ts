import { type Static, Type } from '@sinclair/typebox'
import { ChangedView, SESSION_MEMBERS } from './session-schemas.js'

interface CloseSession {
  readonly hang_up?: boolean
}

/** What the request to close a session may say. It needs no body. */
export const CloseSession = Type.Unsafe<CloseSession | null>({
  title: 'SessionClose',
  type: ['object', 'null'],
  properties: {
    hang_up: {
      type: 'boolean',
      description: 'Also end its calls that go on, at the carrier; the reply says how many it were.',
    },
  },
  additionalProperties: false,
  examples: [{ hang_up: true }],
})

export const ClosedView = Type.Object(
  {
    ...SESSION_MEMBERS,
    durable: ChangedView.properties.durable,
    calls_ended: Type.Optional(
      Type.Integer({ description: 'How many calls the carrier ended. Only where hang_up asked for it.' }),
    ),
  },
  { title: 'ClosedSession', examples: ChangedView.examples as unknown[] },
)
export type ClosedView = Static<typeof ClosedView>
