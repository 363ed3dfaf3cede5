import { statSync } from 'node:fs'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { type ApiKey, type HashedKey, nextExpiry, readKeyLine } from '../src/access/api-key.js'
import { fileReader } from '../src/access/audit-file.js'
import { type AuditReader, readNothing } from '../src/access/audit-reader.js'
import { createAuditRing } from '../src/access/audit-ring.js'
import { type ClosableSink, fileSink } from '../src/access/audit-sink.js'
import { type AuditTrail, createAuditTrail } from '../src/access/audit-trail.js'
import { type Admission, createDoorman } from '../src/access/doorman.js'
import { createKeptKeys } from '../src/access/kept-keys.js'
import type { KeyRecords } from '../src/access/key-records.js'
import { createKeyring } from '../src/access/keyring.js'
import { sourceReader } from '../src/access/source.js'
import { createSubjectSampler, SAMPLE_INTERVAL_MS } from '../src/access/subject-sampler.js'
import { createWrongKeys } from '../src/access/wrong-keys.js'
import { entries } from '../src/config/entries.js'
import { ConfigError } from '../src/config/validation.js'
import { logStream } from '../src/log-stream.js'
import { StoreUnavailableError } from '../src/masking/storage.js'

declare module 'fastify' {
  interface FastifyInstance {
    readonly access: Access
  }
}

/** Who may ask the API for something, and what is kept of their asking. */
export interface Access {
  /**
   * Looks at the key of a request: for whatever answers outside of the API's own scope, too. It waits for nothing.
   *
   * @param authorization the header, unless the key came in another way
   */
  admit(request: FastifyRequest, authorization?: string): Admission
  /** Where a request comes from, as far as that can be known. */
  sourceOf(request: FastifyRequest): string
  /** What the key of an Authorization header is known by later, if it holds. */
  markOf(authorization: string): string | undefined
  /** The key of that mark, if it still holds. */
  marked(mark: string): ApiKey | undefined
  /** All keys, without their secrets. */
  list(): readonly ApiKey[]
  /** The keys that the API may change; undefined without a shared store. */
  readonly records: KeyRecords | undefined
  /** Takes over what the store has, as happens each second. */
  refresh(): Promise<void>
  readonly audit: AuditTrail
  /** Reads the trail back. */
  readonly readAudit: AuditReader
  /** Tells of something that may happen often: a line a second, with how many there were. */
  note(event: 'rate_limited', key: string): void
}

/** How often keys are read from the store, in milliseconds: so long a revoked one may go on. */
export const KEYS_INTERVAL_MS = 1_000

/** How often it is tried until they have been read once, in milliseconds. */
export const FIRST_LOOK_INTERVAL_MS = 100

/** Milliseconds that the last lines of an audit file may take. */
const CLOSE_LIMIT_MS = 500

/** Decorates `app.access`. Only with an API. */
export default fp(
  async (app) => {
    const { config, clock, meter, storages, tickets } = app
    const sourceAddress = sourceReader(entries(config.TRUSTED_PROXIES))
    const keyring = createKeyring({
      now: clock.now,
      environment: entries(config.API_KEYS),
      configured: entries(config.API_KEY_HASHES).map((line) => readKeyLine(line) as HashedKey),
    })
    app.secrets.onChange(() => keyring.setEnvironment(entries(config.API_KEYS)))
    const { sink, read } = openSink(app)
    const audit = createAuditTrail(sink, clock.now)
    const sampler = createSubjectSampler<'wrong_key' | 'expired_key' | 'revoked_key' | 'rate_limited'>(
      (event, subject, count) =>
        audit.add(event, { [event === 'wrong_key' ? 'source' : 'key']: subject, count }),
    )

    let isLoaded = false
    const records = storages.isLasting
      ? createKeptKeys({
          storage: storages.storage,
          now: clock.now,
          onUnreadable: () =>
            app.log.warn('the keys in the store cannot be read: give all instances the same STORE_KEY'),
        })
      : undefined
    const admit = createDoorman({
      keyring,
      wrongKeys: createWrongKeys(clock.now),
      note(fault, subject) {
        meter.count('keyFaults', fault)
        sampler.note(fault, subject)
      },
      isWaitingForKeys: () => records !== undefined && !isLoaded,
    })

    async function refresh(): Promise<void> {
      const keys = await records?.load()
      isLoaded = true
      if (keys) keyring.setStored(keys)
    }

    async function look(): Promise<void> {
      await refresh().catch((err) => {
        // With the store down, the keys that were read last go on.
        if (!(err instanceof StoreUnavailableError)) app.log.error({ err }, 'reading the keys failed')
      })
    }

    app.decorate('access', {
      admit(request, authorization = request.headers.authorization) {
        const holder = tickets.holder(authorization)
        if (holder) return { key: holder }
        const admission = admit(authorization, sourceAddress(request.raw))
        if ('problem' in admission && admission.problem.code === 'rate_limited')
          meter.count('rateLimited', 'wrong-keys')
        return admission
      },
      sourceOf: (request) => sourceAddress(request.raw),
      markOf: keyring.markOf,
      marked: keyring.marked,
      list: keyring.list,
      records,
      refresh,
      audit,
      readAudit: read,
      note: sampler.note,
    })

    meter.watch('keyExpiry', () => {
      const next = nextExpiry(keyring.list(), clock.now())
      return next && next / 1_000
    })

    const stops = [clock.every(SAMPLE_INTERVAL_MS, sampler.tick)]
    if (records) {
      stops.push(clock.every(KEYS_INTERVAL_MS, look))
      // Who comes with a key right after the start should not have to try again.
      const callOff = clock.every(FIRST_LOOK_INTERVAL_MS, async () => {
        if (isLoaded) callOff()
        else await look()
      })
      stops.push(callOff)
    }
    app.addHook('onClose', async () => {
      for (const stop of stops) stop()
      sampler.tick()
      audit.end()
      await new Promise<void>((resolve) => {
        sink.close(resolve)
        clock.after(CLOSE_LIMIT_MS, resolve)
      })
    })
  },
  { name: 'access', dependencies: ['config', 'secrets', 'clock', 'meter', 'storages', 'tickets'] },
)

/** Where the audit trail goes, and how it is read back. */
interface Place {
  readonly sink: ClosableSink
  readonly read: AuditReader
}

function openSink({ clock, config, log, meter }: FastifyInstance): Place {
  const close = (done: () => void) => done()
  if (config.AUDIT_LOG === 'off') return { sink: { write: () => undefined, close }, read: readNothing }
  if (config.AUDIT_LOG === 'stdout') {
    const stream = logStream(log)
    return withRing({ write: (line) => stream.write(line), close })
  }
  try {
    let lost = 0
    meter.watch('droppedAuditLines', () => lost)
    const sink = fileSink(config.AUDIT_LOG, clock, (dropped) => {
      lost += dropped
      log.error({ dropped }, 'lines of the audit trail were dropped, because they could not be written')
    })
    // What is written to a pipe or a device is for another reader.
    return statSync(config.AUDIT_LOG).isFile() ? { sink, read: fileReader(config.AUDIT_LOG) } : withRing(sink)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw new ConfigError([{ variable: 'AUDIT_LOG', wrong: `cannot be written (${code})` }])
  }
}

/** What cannot be read back is kept in memory, too. */
function withRing({ write, close }: ClosableSink): Place {
  const ring = createAuditRing()
  const writeBoth = (line: string) => {
    ring.add(line)
    write(line)
  }
  return { sink: { write: writeBoth, close }, read: ring.read }
}
