import { Readable } from 'node:stream'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import {
  callNotFound,
  carrierUnavailable,
  noCarrierApi,
  type Problem,
  ProblemError,
  rangeNotSatisfiable,
  recordingNotFound,
} from '../src/api/problem.js'
import { CallId, DeletedRecordingView, RangeHeaders } from '../src/api/recording-schemas.js'
import { AUDIO_TYPES } from '../src/audio/audio-type.js'
import { contentRange, readRange } from '../src/audio/byte-range.js'
import { AudioSourceError, openAudio } from '../src/audio/open-audio.js'
import { reasonOfAbsence, UnknownCallError } from '../src/calls/recordings.js'
import { VobizApiError } from '../src/vobiz/api-error.js'
import { MediaError } from '../src/vobiz/media.js'

/** What cannot be told apart. */
const OTHER_TYPE = { contentType: 'application/octet-stream', extension: 'bin' }

/** The recordings of calls. The carrier keeps them: their audio goes through here, and no address of the carrier goes out. */
const recordings: FastifyPluginAsyncTypebox = async (app) => {
  const { callWork, carrierApi } = app

  app.get(
    '/calls/:id/recording',
    {
      schema: {
        operationId: 'getRecording',
        tags: ['Calls'],
        summary: 'Hear the recording of a call',
        description:
          'The audio as the carrier has it. Its type is that of its first bytes, whatever the carrier calls it. A part of it can be asked for.',
        params: CallId,
        headers: RangeHeaders,
      },
      config: {
        operation: {
          scope: 'calls:read',
          sends: [...AUDIO_TYPES, OTHER_TYPE].map(({ contentType }) => contentType),
          replies: { 200: 'The audio.', 206: 'The part that was asked for.' },
          problems: [
            'call_not_found',
            'recording_not_found',
            'no_carrier_api',
            'range_not_satisfiable',
            'carrier_unavailable',
            'store_unavailable',
          ],
        },
      },
    },
    async (request, reply) => {
      if (!callWork || !carrierApi) throw new ProblemError(noCarrierApi)
      const found = await asking(() => callWork.recordings.find(request.params.id))
      request.auditedSession = found.facts.begun?.sessionId
      if (found.kind === 'none') throw new ProblemError(recordingNotFound(found.reason))
      const { callId, recordingId } = found

      const ending = new AbortController()
      reply.raw.once('close', () => ending.abort())
      const audio = await asking(async () => {
        const url = await carrierApi.now.recordingUrl(recordingId)
        if (url === undefined) return undefined
        const source = (range: string | undefined) =>
          carrierApi.fetchMedia(url, { range, signal: ending.signal })
        // Without anything by which a part could be known to be of the same file, only the whole is sure to be right.
        const isOfSame = request.headers['if-range'] === undefined
        return openAudio(source, isOfSame ? readRange(request.headers.range) : undefined)
      })
      if (!audio) throw new ProblemError(recordingNotFound(reasonOfAbsence(found.facts, recordingId)))
      if (audio.kind === 'no-such-part') throw new ProblemError(rangeNotSatisfiable(audio.total))

      const { part, total, body, type = OTHER_TYPE } = audio
      const length = part ? part.last - part.first + 1 : total
      reply.headers({
        'content-type': type.contentType,
        'content-disposition': `attachment; filename="call-${callId}.${type.extension}"`,
        'accept-ranges': 'bytes',
        ...(length !== undefined && { 'content-length': length }),
        ...(part && { 'content-range': contentRange(part, total) }),
      })
      reply.code(part ? 206 : 200)
      if (request.method === 'GET') return reply.send(Readable.from(body, { objectMode: false }))
      ending.abort()
      return reply.send(Readable.from([]))
    },
  )

  app.delete(
    '/calls/:id/recording',
    {
      schema: {
        operationId: 'deleteRecording',
        tags: ['Calls'],
        summary: 'Delete the recording of a call',
        description: 'At the carrier, for good. Again changes nothing.',
        params: CallId,
        response: { 200: DeletedRecordingView },
      },
      config: {
        operation: {
          scope: 'people:erase',
          replies: { 200: 'It is gone.' },
          problems: [
            'call_not_found',
            'recording_not_found',
            'no_carrier_api',
            'carrier_unavailable',
            'store_unavailable',
          ],
        },
      },
    },
    async (request) => {
      if (!callWork) throw new ProblemError(noCarrierApi)
      const { id } = request.params
      const deleted = await asking(() => callWork.recordings.deleteOf(id))
      request.auditedSession = deleted.facts.begun?.sessionId
      if (deleted.kind === 'none') throw new ProblemError(recordingNotFound(deleted.reason))
      return { call_id: id, deleted_at: new Date(deleted.at).toISOString() }
    },
  )

  /** What goes wrong at the carrier is no fault of whoever asks, and none of ours. */
  async function asking<Result>(work: () => Promise<Result>): Promise<Result> {
    try {
      return await work()
    } catch (error) {
      const problem = problemOf(error)
      if (!problem) throw error
      if (problem === carrierUnavailable)
        app.log.warn(failureOf(error), 'the carrier does not give a recording')
      throw new ProblemError(problem)
    }
  }
}

function problemOf(error: unknown): Problem | undefined {
  if (error instanceof UnknownCallError) return callNotFound
  const isOfCarrier =
    error instanceof VobizApiError || error instanceof MediaError || error instanceof AudioSourceError
  return isOfCarrier ? carrierUnavailable : undefined
}

/** Nothing of it quotes what the carrier said. */
function failureOf(error: unknown) {
  const { status, reason } = error as { readonly status?: number; readonly reason?: string }
  return { status, reason, err: error }
}

export default recordings
