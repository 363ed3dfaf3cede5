/** What the scenarios ask of one instance. */
import { setTimeout as sleep } from 'node:timers/promises'
import { readAnswer, type Told } from './answer-xml.js'
import { askAnswer, callApi } from './api.js'
import type { Answered } from './http.js'

export interface Opened {
  readonly id: string
  readonly people: readonly [string, string]
  /** The masking number of each of them. */
  readonly masks: readonly [string, string]
  /** Whether the reply leaves no doubt that the session survives the loss of a server. */
  readonly isSure: boolean
  /** When it was asked for and acknowledged, by `performance.now()`. */
  readonly begun: number
  readonly ended: number
}

export interface Opening {
  readonly people: readonly [string, string]
  readonly key?: string
  /** Seconds. */
  readonly life?: number
}

export function askOpen(port: number, { people, key, life }: Opening): Promise<Answered> {
  const participants = people.map((number) => ({ number: `+${number}` }))
  const body = { participants, ...(life && { expires_in: life }) }
  return callApi(port, 'POST', '/v1/sessions', { body, ...(key && { key }) })
}

/** What a reply says that was opened; undefined when it says that nothing was. */
export function readOpened(people: readonly [string, string], answered: Answered): Opened | undefined {
  const { status, text, begun, ended } = answered
  if (status !== 200 && status !== 201 && status !== 202) return undefined
  const { id, participants, durable } = JSON.parse(text)
  const masks = participants.map(({ masking_number }: { masking_number: string }) => masking_number.slice(1))
  return { id, people, masks, isSure: durable !== false, begun, ended }
}

const RETRY_MS = 50
const PATIENCE_MS = 15_000

/** Opens a session, and asks again while the store does not answer. */
export async function openSurely(port: number, opening: Opening): Promise<Opened> {
  const limit = performance.now() + PATIENCE_MS
  for (;;) {
    const answered = await askOpen(port, opening)
    const opened = readOpened(opening.people, answered)
    if (opened) return opened
    if (performance.now() > limit)
      throw new Error(`a session could not be opened: ${answered.status} ${answered.text.slice(0, 200)}`)
    await sleep(RETRY_MS)
  }
}

export interface Closed {
  readonly status: number
  readonly isAcknowledged: boolean
  readonly isDurable: boolean
}

export async function askClose(port: number, id: string): Promise<Closed> {
  const { status } = await callApi(port, 'POST', `/v1/sessions/${id}/close`)
  return { status, isAcknowledged: status === 200 || status === 202, isDurable: status === 200 }
}

/** Closes a session, and asks again while the store does not answer, as a business must. */
export async function closeSurely(port: number, id: string): Promise<Closed> {
  const limit = performance.now() + PATIENCE_MS
  for (;;) {
    const closed = await askClose(port, id)
    if (!isUnknown(closed) || performance.now() > limit) return closed
    await sleep(RETRY_MS)
  }
}

/** Whether no whole reply came, or one that says that the store did not answer. */
function isUnknown({ status }: Closed): boolean {
  return status === 0 || status === 503
}

/** What a participant of a session hears who calls the other one; undefined for a reply that is none. */
export async function callIn(
  port: number,
  { people, masks }: Pick<Opened, 'people' | 'masks'>,
  side: 0 | 1 = 0,
): Promise<Told['kind'] | undefined> {
  const { status, text } = await askAnswer(port, people[side], masks[side])
  return status === 200 ? readAnswer(text)?.kind : undefined
}

/** What a caller hears once the store answers in time: an apology says that it did not, and nothing of the session. */
export async function askSurely(port: number, caller: string, dialled: string): Promise<Told | undefined> {
  const limit = performance.now() + PATIENCE_MS
  for (;;) {
    const { status, text } = await askAnswer(port, caller, dialled)
    const told = status === 200 ? readAnswer(text) : undefined
    if (told?.kind !== 'apology' || performance.now() > limit) return told
    await sleep(RETRY_MS)
  }
}

/** How often a participant of a session gets through, when both call at each instance. */
export async function connectionsOf(ports: readonly number[], session: Opened): Promise<number> {
  const calls = ports.flatMap((port) => ([0, 1] as const).map((side) => callIn(port, session, side)))
  return (await Promise.all(calls)).filter((kind) => kind === 'connect').length
}

/** Runs work for each item, so many at once. */
export async function eachOf<Item>(
  items: readonly Item[],
  atOnce: number,
  work: (item: Item) => Promise<unknown>,
): Promise<void> {
  const waiting = items.values()
  const worker = async () => {
    for (const item of waiting) await work(item)
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
}

export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
}
