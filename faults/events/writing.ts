/** A business that opens, changes and closes sessions, people who call in them, and what of it has to be told. */
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { callBody, FORM } from '../../bench/carrier-call.js'
import { readAnswer } from '../answer-xml.js'
import { callApi } from '../api.js'
import type { Instance } from '../fleet.js'
import { type Answered, request } from '../http.js'
import { between, pick, someone } from '../people.js'
import type { Report } from '../report.js'
import { type Opened, readOpened } from '../sessions.js'

export const UNRESOLVED = 'changes that never got a definite reply'
export const LOST = 'sessions that were acknowledged without a doubt and are not there'

/** A change of which the business was told that it is done. */
export interface Acknowledged {
  readonly sessionId: string
  readonly type: 'session.opened' | 'session.changed' | 'session.closed'
  /** Tells it from other changes of the session: its new end, or which participant was replaced for the how manyth time. */
  readonly expiresAt?: string
  readonly replaced?: { readonly side: 0 | 1; readonly nth: number }
  /** The reply left no doubt that it survives the loss of a server. */
  readonly isSure: boolean
}

/** A call that was connected. */
export interface Call {
  readonly id: string
  readonly sessionId: string
  readonly answered: At
  /** Where its end was reported and taken. */
  hungUp?: At
}

/** Which instance answered, and when by `performance.now()`. */
export interface At {
  readonly instance: Instance
  readonly at: number
}

export interface Writing {
  readonly instances: readonly Instance[]
  readonly report: Report
  readonly acknowledged: Acknowledged[]
  readonly calls: Call[]
  /** To be called once an instance has acknowledged something. */
  readonly onAcknowledged: Map<Instance, () => void>
  /** In which people call. */
  readonly open: Set<Opened>
  /** How many people there were so far. Nobody comes twice. */
  people: number
  /** No more new work. */
  isOver: boolean
}

const RETRY_MS = 150
const PATIENCE_MS = 60_000
const HOUR_MS = 3_600_000
const MAX_CHANGES = 4

type Change = (writing: Writing, session: Session) => Promise<void>

interface Session extends Opened {
  readonly replacements: [number, number]
  /** Milliseconds since 1970. */
  expiresAt: number
}

export async function keepWriting(writing: Writing): Promise<void> {
  while (!writing.isOver) {
    const session = await open(writing)
    if (!session) continue
    writing.open.add(session)
    for (let left = Math.floor(Math.random() * MAX_CHANGES); left > 0 && !writing.isOver; left--) {
      await sleep(between(20, 250))
      await pick<Change>([prolong, replace])(writing, session)
    }
    await sleep(between(50, 500))
    writing.open.delete(session)
    if (Math.random() < 0.8) await close(writing, session)
  }
}

async function open(writing: Writing): Promise<Session | undefined> {
  const people = [newcomer(writing), newcomer(writing)] as const
  const participants = people.map((number) => ({ number: `+${number}` }))
  const answered = await ask(writing, 'POST', '/v1/sessions', {
    body: { participants, expires_in: HOUR_MS / 1_000 },
    key: randomUUID(),
  })
  const opened = answered && readOpened(people, answered)
  if (!opened) return undefined
  note(writing, { sessionId: opened.id, type: 'session.opened', isSure: opened.isSure })
  const { expires_at: expiresAt } = JSON.parse(answered.text)
  return { ...opened, replacements: [0, 0], expiresAt: Date.parse(expiresAt) }
}

async function prolong(writing: Writing, session: Session): Promise<void> {
  session.expiresAt += 60_000 + Math.floor(Math.random() * 60_000)
  const expiresAt = new Date(session.expiresAt).toISOString()
  const isSure = await change(writing, session, { expires_at: expiresAt })
  if (isSure !== undefined)
    note(writing, { sessionId: session.id, type: 'session.changed', expiresAt, isSure })
}

async function replace(writing: Writing, session: Session): Promise<void> {
  const side = pick([0, 1] as const)
  const number = `+${newcomer(writing)}`
  // Whoever calls in it now may be one who left, and is refused.
  writing.open.delete(session)
  const isSure = await change(writing, session, {
    participants: [0, 1].map((i) => (i === side ? { number } : {})),
  })
  if (isSure === undefined) return
  session.replacements[side] += 1
  const replaced = { side, nth: session.replacements[side] }
  note(writing, { sessionId: session.id, type: 'session.changed', replaced, isSure })
}

async function close(writing: Writing, session: Session): Promise<void> {
  const answered = await ask(writing, 'POST', `/v1/sessions/${session.id}/close`)
  if (!answered) return
  if (isDone(answered))
    note(writing, { sessionId: session.id, type: 'session.closed', isSure: isSure(answered) })
  else refused(writing, session, 'a close', answered)
}

/** Whether it is sure; undefined where it is not done. */
async function change(writing: Writing, session: Session, body: object): Promise<boolean | undefined> {
  const answered = await ask(writing, 'PATCH', `/v1/sessions/${session.id}`, { body })
  if (answered && isDone(answered)) return isSure(answered)
  if (answered) refused(writing, session, 'a change', answered)
  return undefined
}

function isDone({ status }: Answered): boolean {
  return status === 200 || status === 202
}

function isSure({ text }: Answered): boolean {
  return JSON.parse(text).durable !== false
}

function refused({ report }: Writing, session: Session, what: string, { status, text }: Answered): void {
  report.count(session.isSure && status === 404 ? LOST : 'changes that were refused')
  report.note(`${what} got ${status}: ${text.slice(0, 200)}`)
}

function note({ acknowledged, report }: Writing, one: Acknowledged): void {
  acknowledged.push(one)
  report.count(`acknowledged: ${one.type}`)
}

/** Asks any instance until the reply is definite. */
async function ask(
  { instances, report, onAcknowledged }: Writing,
  method: string,
  path: string,
  options: { readonly body?: object; readonly key?: string } = {},
): Promise<Answered | undefined> {
  const limit = performance.now() + PATIENCE_MS
  while (performance.now() < limit) {
    const instance = pick(instances)
    const answered = await callApi(instance.port, method, path, options)
    if (answered.status >= 200 && answered.status < 300) onAcknowledged.get(instance)?.()
    if (answered.status > 0 && answered.status < 500) return answered
    report.count('changes that were asked for again')
    await sleep(RETRY_MS)
  }
  report.count(UNRESOLVED)
  return undefined
}

function newcomer(writing: Writing): string {
  writing.people += 1
  return someone(writing.people)
}

export async function keepCalling(writing: Writing): Promise<void> {
  while (!writing.isOver) {
    await sleep(between(50, 300))
    const session = pick([...writing.open])
    if (session) await call(writing, session)
  }
}

async function call(writing: Writing, { id: sessionId, people, masks }: Opened): Promise<void> {
  const side = pick([0, 1] as const)
  const instance = pick(writing.instances)
  const id = randomUUID()
  const body = callBody({ id, caller: people[side], dialled: masks[side] })
  const { text, ended } = await report(instance, body)
  if (readAnswer(text)?.kind !== 'connect') return writing.report.count('calls that were not connected')
  const begun: Call = { id, sessionId, answered: { instance, at: ended } }
  writing.calls.push(begun)
  writing.report.count('calls that were connected')
  await sleep(between(0, 500))
  const other = pick(writing.instances)
  const hungUp = await report(other, hangupBody(id))
  // The carrier reports it once.
  if (hungUp.status === 200) begun.hungUp = { instance: other, at: hungUp.ended }
}

function report({ port }: Instance, body: string): Promise<Answered> {
  return request({ port, method: 'POST', path: '/answer', headers: FORM, body })
}

function hangupBody(id: string): string {
  return new URLSearchParams({
    CallUUID: id,
    Event: 'Hangup',
    CallStatus: 'completed',
    Direction: 'inbound',
    Duration: '12',
    HangupCause: 'NORMAL_CLEARING',
    HangupCauseCode: '4000',
    HangupSource: 'Caller',
  }).toString()
}
