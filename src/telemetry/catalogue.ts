import type { KeyFault } from '../access/doorman.js'
import { CALL_OUTCOMES } from '../calls/call-summary.js'
import { TROUBLES } from '../vobiz/hangup-causes.js'

/**
 * Every metric of this service. Names and labels are a contract with whoever has dashboards and alerts on them. A label has few
 * values, all of which stand in our code: never a number, the id of a session or call, a key, or anything that was asked with.
 */

/** What is counted as it happens. */
export interface CounterSpec {
  readonly name: `${string}_total`
  readonly help: string
  readonly labels: readonly [] | readonly [string] | readonly [string, string]
  /** Label values that are there from the start, at 0: else nobody could tell the first of a kind from one that was always there. */
  readonly first?: readonly (readonly string[])[]
}

/** How long something took, in seconds. */
export interface TimingSpec {
  readonly name: `${string}_seconds`
  readonly help: string
  readonly labels: readonly [] | readonly [string]
  /** Seconds, rising. */
  readonly buckets: readonly number[]
}

/** What is looked at when somebody asks. */
export interface ReadingSpec {
  readonly name: string
  readonly help: string
  readonly type: 'gauge' | 'counter'
}

const KEY_FAULTS: readonly KeyFault[] = ['wrong_key', 'expired_key', 'revoked_key']

export const COUNTERS = {
  calls: {
    name: 'callmask_calls_total',
    help: 'Calls that were answered: connect, refuse, ask (for a PIN; what was entered is counted again) or apology, and why.',
    labels: ['outcome', 'reason'],
    first: [
      ['connect', 'none'],
      ['apology', 'store'],
      ['apology', 'failure'],
    ],
  },
  callsEnded: {
    name: 'callmask_calls_ended_total',
    help: 'Calls whose end the carrier told, by what became of them.',
    labels: ['outcome'],
    first: CALL_OUTCOMES.map((outcome) => [outcome]),
  },
  callTroubles: {
    name: 'callmask_call_troubles_total',
    help: 'Calls that ended for a reason in the account, at the carrier or at this service, in groups of the codes of their ends.',
    labels: ['trouble'],
    first: Object.keys(TROUBLES).map((trouble) => [trouble]),
  },
  callRecordsDropped: {
    name: 'callmask_call_records_dropped_total',
    help: 'Calls of which something could not be recorded.',
    labels: ['why'],
    first: [['too-many'], ['too-old'], ['unknown-call']],
  },
  webhookRefusals: {
    name: 'callmask_webhook_refusals_total',
    help: 'Webhooks that were refused as those of a stranger.',
    labels: ['refusal'],
    first: [
      ['address'],
      ['unsigned'],
      ['wrong-signature'],
      ['wrong-token'],
      ['altered-replay'],
      ['late-replay'],
    ],
  },
  webhookMistakes: {
    name: 'callmask_webhook_mistakes_total',
    help: 'Requests to the webhook that were no call.',
    labels: ['mistake'],
  },
  webhookRetries: {
    name: 'callmask_webhook_retries_total',
    help: 'Calls about which the carrier asked again: it did not get the first answer. They are not counted as further calls.',
    labels: [],
  },
  storeFailures: {
    name: 'callmask_store_failures_total',
    help: 'Operations on the store that failed.',
    labels: ['operation'],
    first: [['read'], ['swap'], ['enlist'], ['delist'], ['entries'], ['confirm']],
  },
  storeRefusals: {
    name: 'callmask_store_refusals_total',
    help: 'Errors that the store answered with, by their first word.',
    labels: ['reply'],
  },
  storeConflicts: {
    name: 'callmask_store_conflicts_total',
    help: 'Writes that had to be tried again, because another one was faster.',
    labels: [],
  },
  storeUnconfirmed: {
    name: 'callmask_store_unconfirmed_total',
    help: 'Times that no replica had what was written. For as long as something can still be lost it is asked again each second.',
    labels: [],
  },
  unreadable: {
    name: 'callmask_unreadable_total',
    help: 'Records that were passed over because they cannot be read.',
    labels: ['what'],
    first: [['session'], ['call'], ['pool']],
  },
  apiRequests: {
    name: 'callmask_api_requests_total',
    help: 'Requests to the API, by the operationId of its description and the HTTP status.',
    labels: ['operation', 'status'],
  },
  rateLimited: {
    name: 'callmask_rate_limited_total',
    help: 'Requests to the API that were refused because there were too many.',
    labels: ['limit'],
    first: [['api'], ['explain'], ['wrong-keys']],
  },
  keyFaults: {
    name: 'callmask_key_faults_total',
    help: 'Requests with a key that does not hold.',
    labels: ['fault'],
    first: KEY_FAULTS.map((fault) => [fault]),
  },
  carrierRequests: {
    name: 'callmask_carrier_requests_total',
    help: 'Requests to the API of the carrier, by their result.',
    labels: ['result'],
    first: [['ok'], ['out_of_credit'], ['refused'], ['no_answer']],
  },
  connectionsCut: {
    name: 'callmask_connections_cut_total',
    help: 'Connections that were cut because they asked for too much at once.',
    labels: [],
  },
} as const satisfies Readonly<Record<string, CounterSpec>>

export const TIMINGS = {
  answers: {
    name: 'callmask_answer_duration_seconds',
    help: 'Time from the arrival of a call to its answer.',
    labels: [],
    buckets: [0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 3],
  },
  storeOperations: {
    name: 'callmask_store_operation_duration_seconds',
    help: 'Time that an operation on the store took.',
    labels: ['operation'],
    buckets: [0.0001, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 2],
  },
  eventLoopLag: {
    name: 'callmask_event_loop_lag_seconds',
    help: 'By how much a timer was late: for so long the process could answer nobody.',
    labels: [],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 3],
  },
} as const satisfies Readonly<Record<string, TimingSpec>>

export const READINGS = {
  build: { name: 'callmask_build_info', help: 'What runs here. It is 1.', type: 'gauge' },
  draining: { name: 'callmask_draining', help: '1 once a shutdown has begun.', type: 'gauge' },
  sessions: {
    name: 'callmask_sessions_open',
    help: 'Open sessions of all instances, as they were last counted.',
    type: 'gauge',
  },
  headRoom: {
    name: 'callmask_pool_head_room',
    help: 'For how many more sessions the busiest person has room, as it was last counted.',
    type: 'gauge',
  },
  countedAt: {
    name: 'callmask_pool_counted_timestamp_seconds',
    help: 'When the pool and the sessions were last counted.',
    type: 'gauge',
  },
  poolNumbers: {
    name: 'callmask_pool_numbers',
    help: 'Masking numbers of the pool, by their state.',
    type: 'gauge',
  },
  nonces: { name: 'callmask_nonces', help: 'Nonces that this instance remembers.', type: 'gauge' },
  nonceCapacity: {
    name: 'callmask_nonces_capacity',
    help: 'How many nonces this instance can remember.',
    type: 'gauge',
  },
  eventsKept: {
    name: 'callmask_events_kept',
    help: 'Events that are kept, as one instance counted them last.',
    type: 'gauge',
  },
  eventsWaiting: {
    name: 'callmask_events_waiting',
    help: 'What waits: records whose events are not in the outbox yet (to_tell), and deliveries that are due (to_deliver).',
    type: 'gauge',
  },
  oldestEvent: {
    name: 'callmask_events_oldest_waiting_seconds',
    help: 'For how long the oldest of that has waited.',
    type: 'gauge',
  },
  eventsDropped: {
    name: 'callmask_events_dropped_total',
    help: 'Events that went before their time because there were too many.',
    type: 'counter',
  },
  deliveries: {
    name: 'callmask_event_deliveries_total',
    help: 'Attempts to deliver an event, by their result. Dropped: the event was gone before its turn came.',
    type: 'counter',
  },
  endpoints: {
    name: 'callmask_event_endpoints',
    help: 'Endpoints of events that are on, on but failing, or off.',
    type: 'gauge',
  },
  storeUp: { name: 'callmask_store_up', help: '1 while the store answers.', type: 'gauge' },
  unconfirmed: {
    name: 'callmask_store_unconfirmed_changes',
    help: 'Changes of sessions by this instance that no replica has yet. It counts 10,000 at most.',
    type: 'gauge',
  },
  keyExpiry: {
    name: 'callmask_api_key_next_expiry_timestamp_seconds',
    help: 'When the next key of the API expires. It is not there where none does.',
    type: 'gauge',
  },
  droppedLogLines: {
    name: 'callmask_log_lines_dropped_total',
    help: 'Lines of the log that could not be written.',
    type: 'counter',
  },
  droppedAuditLines: {
    name: 'callmask_audit_lines_dropped_total',
    help: 'Lines of a file of the audit trail that could not be written.',
    type: 'counter',
  },
  cpu: {
    name: 'process_cpu_seconds_total',
    help: 'Processor time of the process.',
    type: 'counter',
  },
  startedAt: {
    name: 'process_start_time_seconds',
    help: 'When the process began.',
    type: 'gauge',
  },
  residentMemory: {
    name: 'process_resident_memory_bytes',
    help: 'Memory of the process.',
    type: 'gauge',
  },
  heapUsed: {
    name: 'nodejs_heap_size_used_bytes',
    help: 'The part of its memory that JavaScript uses.',
    type: 'gauge',
  },
} as const satisfies Readonly<Record<string, ReadingSpec>>

export type CounterName = keyof typeof COUNTERS
export type TimingName = keyof typeof TIMINGS
export type ReadingName = keyof typeof READINGS
