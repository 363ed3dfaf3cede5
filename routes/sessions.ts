import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { ClosedView, CloseSession } from '../src/api/close-schemas.js'
import {
  callsNotEnded,
  equalParticipants,
  idempotencyConflict,
  noCarrierApi,
  nothingToChange,
  numberTaken,
  oneAtATime,
  ProblemError,
  pinsExhausted,
  poolExhausted,
  sessionEnded,
  sessionNotFound,
  unreadableSessionClosed,
} from '../src/api/problem.js'
import { readTimes } from '../src/api/query-times.js'
import {
  type RequestReader,
  readCall,
  readDraft,
  readExpiry,
  readNumber,
  refuseNumbersIn,
} from '../src/api/session-request.js'
import {
  ChangedView,
  ChangedWithPinsView,
  ChangeSession,
  CreateSession,
  IdempotencyHeaders,
  SessionId,
  SessionPageView,
  SessionQuery,
  SessionView,
} from '../src/api/session-schemas.js'
import { sessionView, withPins } from '../src/api/session-view.js'
import type { CallOptions } from '../src/masking/call-options.js'
import { type PhoneNumber, splitNumber, wholeNumber } from '../src/masking/phone-number.js'
import type { Changed } from '../src/masking/session-store.js'

/** What can be wrong with a participant's number. */
const NUMBER_PROBLEMS = [
  'invalid_number',
  'short_code',
  'emergency_number',
  'premium_number',
  'toll_free_number',
  'masking_number_as_participant',
  'country_not_allowed',
] as const

const NOT_DURABLE =
  'It holds, but only one server of the store has it yet. It is confirmed in the background.'

/** Opens, shows, changes and closes sessions. */
const sessions: FastifyPluginAsyncTypebox = async (app) => {
  const { config, participantRules: rules } = app
  const reader = (): RequestReader => ({ config, rules, now: app.sessions.now() })

  app.post(
    '/sessions',
    {
      schema: {
        operationId: 'createSession',
        tags: ['Sessions'],
        summary: 'Open a session',
        description:
          'Each participant gets a masking number, from which they reach the other one, and a PIN where PIN_LENGTH is set.',
        body: CreateSession,
        headers: IdempotencyHeaders,
        response: { 200: ChangedView, 201: ChangedWithPinsView },
      },
      config: {
        operation: {
          scope: 'sessions:write',
          replies: {
            201: 'The session is open.',
            200: 'The same request was answered with this session before.',
          },
          problems: [
            ...NUMBER_PROBLEMS,
            'equal_participants',
            'invalid_expiry',
            'two_expiries',
            'number_in_text',
            'invalid_call_option',
            'idempotency_conflict',
            'pool_exhausted',
            'pins_exhausted',
            'pins_off',
            'store_unavailable',
          ],
        },
      },
    },
    async (request, reply) => {
      const { body, headers } = request
      const outcome = await app.sessions.create(readDraft(body, headers['idempotency-key'], reader()))
      if (outcome.kind === 'conflict') throw new ProblemError(idempotencyConflict)
      if (outcome.kind === 'exhausted') throw new ProblemError(poolExhausted(outcome.side, outcome))
      if (outcome.kind === 'pins-exhausted') throw new ProblemError(pinsExhausted(outcome.side))
      request.auditedSession = outcome.session.id
      const view = changedView(outcome)
      if (outcome.kind === 'existing') return view
      return reply.code(201).send(withPins(view, outcome.pins))
    },
  )

  app.get(
    '/sessions',
    {
      schema: {
        operationId: 'listSessions',
        tags: ['Sessions'],
        summary: 'List sessions, the newest first',
        querystring: SessionQuery,
        response: { 200: SessionPageView },
      },
      config: {
        operation: {
          scope: 'sessions:read',
          replies: { 200: 'A page of them.' },
          problems: ['store_unavailable'],
        },
      },
    },
    async ({ query: { external_id: externalId, ...query } }) => {
      const page = await app.sessions.list({ externalId, ...readTimes(query) })
      return {
        sessions: page.sessions.map((session) => sessionView(session, app.sessions.now())),
        next_cursor: page.next ?? null,
      }
    },
  )

  app.get(
    '/sessions/:id',
    {
      schema: {
        operationId: 'getSession',
        tags: ['Sessions'],
        summary: 'Show a session',
        params: SessionId,
        response: { 200: SessionView },
      },
      config: {
        operation: {
          scope: 'sessions:read',
          replies: { 200: 'The session.' },
          problems: ['session_not_found', 'store_unavailable'],
        },
      },
    },
    async (request) => {
      const session = await app.sessions.find(request.params.id)
      if (!session) throw new ProblemError(sessionNotFound)
      request.auditedSession = session.id
      return sessionView(session, app.sessions.now())
    },
  )

  app.patch(
    '/sessions/:id',
    {
      schema: {
        operationId: 'changeSession',
        tags: ['Sessions'],
        summary:
          'Move the end of a session, replace one participant’s number, or say something else about its calls',
        description:
          'The masking numbers stay as they are. `call` takes the place of all that was said about calls.',
        params: SessionId,
        body: ChangeSession,
        response: { 200: ChangedWithPinsView, 202: ChangedWithPinsView },
      },
      config: {
        operation: {
          scope: 'sessions:write',
          replies: { 200: 'The session is changed.', 202: NOT_DURABLE },
          problems: [
            'session_not_found',
            'session_ended',
            'number_taken',
            'pins_exhausted',
            ...NUMBER_PROBLEMS,
            'equal_participants',
            'invalid_expiry',
            'two_expiries',
            'number_in_text',
            'invalid_call_option',
            'nothing_to_change',
            'one_participant_at_a_time',
            'store_unavailable',
          ],
        },
      },
    },
    async (request, reply) => {
      const {
        params: { id },
        body,
      } = request
      const expiresAt = readExpiry(body, reader())
      const call = body.call && readCall(body.call, reader())
      const replacement = readReplacement(body.participants ?? [])
      await refuseTexts(id, { call, number: replacement?.number })
      const replace = replacement && { side: replacement.side, number: wholeNumber(replacement.number) }
      if (expiresAt === undefined && !replace && !call) throw new ProblemError(nothingToChange)

      const outcome = await app.sessions.change(id, {
        expiresAt,
        replace,
        call,
        allowShortRest: body.allow_short_rest === true,
      })
      if (outcome.kind === 'unknown') throw new ProblemError(sessionNotFound)
      request.auditedSession = id
      if (outcome.kind === 'ended') throw new ProblemError(sessionEnded)
      if (outcome.kind === 'equal') throw new ProblemError(equalParticipants)
      if (outcome.kind === 'taken') throw new ProblemError(numberTaken(outcome.freeAt))
      if (outcome.kind === 'pins-exhausted') throw new ProblemError(pinsExhausted(outcome.side))
      return reply.code(outcome.durable ? 200 : 202).send(withPins(changedView(outcome), outcome.pins))
    },
  )

  app.post(
    '/sessions/:id/close',
    {
      schema: {
        operationId: 'closeSession',
        tags: ['Sessions'],
        summary: 'End a session now',
        description:
          'Again changes nothing. No body is needed. With `hang_up` its calls that go on are ended at the carrier.',
        params: SessionId,
        body: CloseSession,
        response: { 200: ClosedView, 202: ClosedView },
      },
      config: {
        operation: {
          scope: 'sessions:write',
          replies: { 200: 'The session is over.', 202: NOT_DURABLE },
          problems: [
            'session_not_found',
            'unreadable_session_closed',
            'no_carrier_api',
            'calls_not_ended',
            'store_unavailable',
          ],
        },
      },
    },
    async (request, reply) => {
      const { params, body } = request
      const endCalls = body?.hang_up === true ? hangUp() : undefined
      const closed = await app.sessions.close(params.id)
      if (!closed) throw new ProblemError(sessionNotFound)
      request.auditedSession = params.id
      // From here on nobody can begin another one.
      const hungUp = await endCalls?.(params.id)
      if (!closed.session) throw new ProblemError(unreadableSessionClosed)
      if (hungUp && hungUp.left > 0) throw new ProblemError(callsNotEnded(hungUp))
      const view = { ...changedView(closed), ...(hungUp && { calls_ended: hungUp.ended }) }
      return reply.code(closed.durable ? 200 : 202).send(view)
    },
  )

  /** What ends the calls of a session. */
  function hangUp() {
    if (!app.callWork) throw new ProblemError(noCarrierApi)
    return app.callWork.hangUp
  }

  function changedView({ session, durable }: Changed) {
    return { ...sessionView(session, app.sessions.now()), durable }
  }

  /** Which participant is replaced by whom, if any. */
  function readReplacement(participants: readonly { readonly number?: string }[]) {
    const replacements = ([0, 1] as const).flatMap((side) => {
      const text = participants[side]?.number
      return text === undefined ? [] : { side, number: readNumber(text, side, reader()) }
    })
    if (replacements.length > 1) throw new ProblemError(oneAtATime)
    return replacements[0]
  }

  /** What replies show of a session may hold neither the number of who is in it nor of who joins it. */
  async function refuseTexts(id: string, { call, number }: ChangedTexts): Promise<void> {
    if (!call && !number) return
    const session = await app.sessions.find(id)
    if (!session) return
    const numbers = session.participants.map(({ number }) => splitNumber(number))
    refuseNumbersIn({ ...session, call: call ?? session.call }, number ? [...numbers, number] : numbers)
  }
}

interface ChangedTexts {
  readonly call: CallOptions | undefined
  readonly number: PhoneNumber | undefined
}

export default sessions
