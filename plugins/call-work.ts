import fp from 'fastify-plugin'
import { createCosts } from '../src/calls/costs.js'
import { createHangUp, type HungUp } from '../src/calls/hang-up.js'
import { createMissingRecordings } from '../src/calls/missing-recordings.js'
import { createRecordingRetention } from '../src/calls/recording-retention.js'
import { createRecordings, type Recordings } from '../src/calls/recordings.js'
import { inBackground } from '../src/in-background.js'
import { createSampler } from '../src/sampler.js'
import { VobizApiError } from '../src/vobiz/api-error.js'

declare module 'fastify' {
  interface FastifyInstance {
    /** What can be done about calls at the carrier; undefined where its API cannot be asked, or without an API of ours. */
    readonly callWork: CallWork | undefined
  }
}

export interface CallWork {
  readonly recordings: Recordings
  /** Ends the live calls of a session. */
  readonly hangUp: (sessionId: string) => Promise<HungUp>
}

/** How often is looked for what is to be done, in milliseconds. */
export const CALL_WORK_INTERVAL_MS = 1_000

/** What the carrier could not be asked. */
type Failed = 'cost' | 'recording' | 'hangup'

/** Decorates `app.callWork`. In the background costs are asked for, and recordings deleted whose time is over. */
export default fp(
  async (app) => {
    const { calls, callRetentionMs, carrierApi, clock, config, log, storages } = app
    const { storage } = storages
    const failures = createSampler<Failed, VobizApiError>(clock, (what, { count, detail: { status } }) =>
      log.warn({ what, count, status }, 'the API of the carrier failed'),
    )
    const onFailed = (what: Failed) => (error: unknown) => {
      if (error instanceof VobizApiError) failures.note(what, error)
      else throw error
    }
    const recordingsWith = (deleteAtCarrier: (recordingId: string) => Promise<boolean>) =>
      createRecordings({ calls, deleteAtCarrier, now: clock.now })
    const works: { upkeep(): Promise<void> }[] = [
      createRecordingRetention({
        storage,
        retentionMs: config.RECORDING_RETENTION && config.RECORDING_RETENTION * 1_000,
        callRetentionMs,
        remove: carrierApi && recordingsWith((id) => carrierApi.later.deleteRecording(id)).remove,
        onFailed: onFailed('recording'),
      }),
      createMissingRecordings({ storage, calls }),
    ]
    if (carrierApi) {
      const chargeOf = (legId: string) => carrierApi.later.charge(legId)
      works.push(createCosts({ storage, calls, chargeOf, onFailed: onFailed('cost') }))
      app.decorate('callWork', {
        recordings: recordingsWith((id) => carrierApi.now.deleteRecording(id)),
        hangUp: createHangUp({
          calls,
          hangUp: (callId) => carrierApi.now.hangUp(callId),
          now: clock.now,
          onFailed: onFailed('hangup'),
        }),
      })
    } else app.decorate('callWork', undefined)
    const stops = works.map((work) =>
      inBackground({
        clock,
        ms: CALL_WORK_INTERVAL_MS,
        work: () => work.upkeep(),
        onError: (err) => log.error({ err }, 'work on calls failed'),
      }),
    )
    app.addHook('onClose', async () => {
      for (const stop of stops) stop()
      failures.flush()
    })
  },
  { name: 'call-work', dependencies: ['calls', 'carrier-api', 'clock', 'config', 'storages'] },
)
