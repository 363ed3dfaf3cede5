import { Type } from '@sinclair/typebox'

const SOME_CALL = '6d0f4d2e-1c3b-4a59-8e7f-90a1b2c3d4e5'

export const CallId = Type.Object({
  id: Type.String({ maxLength: 64, description: 'The id of a call.', examples: [SOME_CALL] }),
})

export const RangeHeaders = Type.Object({
  range: Type.Optional(
    Type.String({ description: 'One part of the audio, in bytes.', examples: ['bytes=0-1023'] }),
  ),
})

export const DeletedRecordingView = Type.Object(
  {
    call_id: Type.String({ description: 'The call.' }),
    deleted_at: Type.String({ format: 'date-time', description: 'When it was deleted.' }),
  },
  {
    title: 'DeletedRecording',
    examples: [{ call_id: SOME_CALL, deleted_at: '2100-01-01T00:00:00.000Z' }],
  },
)
