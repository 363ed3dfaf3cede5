import fp from 'fastify-plugin'
import { judge, type Rate } from '../src/access/gcra.js'
import { type Admission, createAdmission } from '../src/calls/admission.js'
import type { CallFacts } from '../src/calls/call-facts.js'
import { summaryOf } from '../src/calls/call-summary.js'
import {
  CALL_PATHS,
  type CallTokens,
  createCallTokens,
  type Purpose,
  type TokenCall,
} from '../src/calls/call-tokens.js'
import { type Calls, createCalls } from '../src/calls/calls.js'
import { createRecorder, type Dropped, noRecorder, type Recorder } from '../src/calls/recorder.js'
import { hasApi } from '../src/config/api.js'
import { callDefaults } from '../src/config/call-defaults.js'
import { entries } from '../src/config/entries.js'
import { webhookChecks } from '../src/config/webhook-checks.js'
import { inBackground } from '../src/in-background.js'
import { CARRIER_PATH } from '../src/inner-url.js'
import { MAX_SESSION_SECONDS } from '../src/masking/session.js'
import type { Unreadable } from '../src/masking/storage.js'
import { createSampler } from '../src/sampler.js'
import { type CallReplies, type CallUrls, callReplies } from '../src/vobiz/call-replies.js'
import { troubleOf } from '../src/vobiz/hangup-causes.js'

declare module 'fastify' {
  interface FastifyInstance {
    /** The records of calls. */
    readonly calls: Calls
    /** Milliseconds for which calls are remembered. */
    readonly callRetentionMs: number
    /** Notes what happens to calls. Nobody has to wait for it, and it never fails. */
    readonly callRecorder: Recorder
    /** For the paths of the URLs that the carrier is given. */
    readonly callTokens: CallTokens
    readonly callReplies: CallReplies
    readonly admission: Admission
    /** Whether one more refused call may be written down: strangers can make any number of them. */
    mayRecordRefusal(): boolean
  }
}

/** How often what could not be written is tried again, in milliseconds. */
export const CALLS_UPKEEP_MS = 1_000

/** Milliseconds for which calls are remembered at most where they are kept in the memory of the process. */
export const MEMORY_RETENTION_MS = 24 * 60 * 60 * 1_000

/** How many calls are remembered at most there: some 2.5 kB each. */
export const MEMORY_MAX_CALLS = 50_000

/** How many refused calls an instance writes down. More are in the log alone. */
export const REFUSAL_RATE: Rate = { perSecond: 10, burst: 600 }

/** Decorates what calls are answered with, and what is known of them afterwards. */
export default fp(
  async (app) => {
    const { callCounts, carrierApi, clock, config, log, meter, storages } = app
    const { isLasting, storage, forCalls } = storages
    const kept = config.CALL_RETENTION * 1_000
    const retentionMs = isLasting ? kept : Math.min(kept, MEMORY_RETENTION_MS)

    const unreadable = createSampler<Unreadable, undefined>(clock, (reason, { count }) =>
      log.warn({ reason, count }, 'a call whose record cannot be read is passed over'),
    )
    function onUnreadable(reason: Unreadable): void {
      meter.count('unreadable', 'call')
      unreadable.note(reason, undefined)
    }
    const dropped = createSampler<Dropped, undefined>(clock, (why, { count }) =>
      log.warn({ why, count }, 'what happened to calls is not recorded'),
    )
    const asks = carrierApi ? 'cost' : 'nothing'
    const toTell = app.toTell.calls
    app.decorate('callRetentionMs', retentionMs)
    app.decorate('calls', createCalls({ storage, retentionMs, asks, toTell, onUnreadable }))
    const maxCalls = isLasting ? Number.POSITIVE_INFINITY : MEMORY_MAX_CALLS
    const recorder = createRecorder({
      calls: createCalls({
        storage: forCalls,
        retentionMs,
        maxCalls,
        asks,
        toTell,
        onNoted: callCounts.noted,
        onUnreadable,
      }),
      now: clock.now,
      onEnded(id, facts) {
        const ended = endLog(id, facts)
        meter.count('callsEnded', ended.outcome)
        const trouble = troubleOf(ended.code)
        if (trouble) meter.count('callTroubles', trouble)
        log.info(ended, 'call ended')
      },
      onDropped(why) {
        meter.count('callRecordsDropped', why)
        dropped.note(why, undefined)
      },
      onError: (err) => log.error({ err }, 'a call cannot be recorded'),
    })
    // Without an API nobody could read it.
    app.decorate('callRecorder', hasApi(config) ? recorder : noRecorder)

    let freeAt = 0
    app.decorate('mayRecordRefusal', () => {
      const verdict = judge(REFUSAL_RATE, freeAt, clock.now())
      freeAt = verdict.freeAt
      return verdict.allowed
    })

    let tokens: CallTokens
    let base: string
    function readSecrets(): void {
      const { STORE_KEY, VOBIZ_AUTH_TOKEN } = config
      // What all instances have in common.
      tokens = createCallTokens({ secrets: entries(STORE_KEY ?? VOBIZ_AUTH_TOKEN), now: clock.now })
      const { signedBase, prefixes } = webhookChecks(config)
      base = `${signedBase}${prefixes[0]}${CARRIER_PATH}`
    }
    readSecrets()
    app.secrets.onChange(readSecrets)
    app.decorate('callTokens', {
      mint: (purpose, call) => tokens.mint(purpose, call),
      open: (purpose, token, callId) => tokens.open(purpose, token, callId),
    })
    function urlsOf(call: TokenCall): CallUrls {
      const minted: { [purpose in Purpose]?: string } = {}
      return (path) => {
        const purpose = CALL_PATHS[path]
        minted[purpose] ??= tokens.mint(purpose, call)
        return `${base}/${path}/${minted[purpose]}`
      }
    }

    const defaults = callDefaults(config)
    app.decorate(
      'callReplies',
      callReplies({
        defaults,
        answerFirst: config.ANSWER_FIRST,
        pinLength: config.PIN_LENGTH,
        urlsOf: config.PUBLIC_BASE_URL === undefined ? undefined : urlsOf,
      }),
    )
    app.decorate(
      'admission',
      createAdmission({ storage: forCalls, defaults, keptMs: MAX_SESSION_SECONDS * 1_000 }),
    )

    const stop = inBackground({
      clock,
      ms: CALLS_UPKEEP_MS,
      work: () => Promise.all([app.callRecorder.upkeep(), app.calls.sweep()]),
      onError: (err) => log.error({ err }, 'the upkeep of calls failed'),
    })
    app.addHook('onClose', async () => {
      stop()
      // The store is still there: what has to wait for it is lost with this process.
      await app.callRecorder.upkeep()
      dropped.flush()
      unreadable.flush()
    })
  },
  {
    name: 'calls',
    dependencies: [
      'call-counts',
      'carrier-api',
      'clock',
      'config',
      'meter',
      'secrets',
      'storages',
      'to-tell',
    ],
  },
)

/** The line of a call's end, beside the one of its beginning. */
function endLog(callUuid: string, facts: CallFacts) {
  const { outcome, talk, ring, endedBy, code } = summaryOf(facts)
  return { callUuid, sessionId: facts.begun?.sessionId, outcome, talk, ring, endedBy, code }
}
