import { randomUUID } from 'node:crypto'
import type { InjectOptions } from 'fastify'
import type { Test } from 'tap'
import type { Environment } from '../src/config/environment.js'
import { type TestClock, testClock } from './clocks.js'
import { webhook } from './fixtures.js'
import { API, type Built, build } from './helper.js'

export const PUBLIC = 'https://mask.example.com'
export const RIDER = '919800000001'
export const DRIVER = '919800000002'
/** A phone that nobody knows. */
export const BORROWED = '919700000001'

/** A session as it was opened. */
export interface Opened {
  readonly id: string
  readonly participants: readonly [OpenedParticipant, OpenedParticipant]
}

interface OpenedParticipant {
  readonly masking_number: string
  readonly pin: string
  readonly pin_only?: true
}

export interface PinService extends Built {
  readonly clock: TestClock
  /** Opens a session of the rider and the driver. */
  open(more?: object): Promise<Opened>
  api(
    method: 'POST' | 'PATCH' | 'GET' | 'DELETE',
    path: string,
    payload?: object,
  ): ReturnType<typeof injected>
}

const injected = (built: Built, options: InjectOptions) => built.app.inject(options)

/** The service with PINs of four digits. */
export async function withPins(t: Test, environment: Environment = {}): Promise<PinService> {
  const clock = testClock()
  const settings = { ...API.environment, PIN_LENGTH: '4', PUBLIC_BASE_URL: PUBLIC, ...environment }
  const built = await build(t, settings, clock)
  const api = (method: 'POST' | 'PATCH' | 'GET' | 'DELETE', path: string, payload?: object) =>
    injected(built, { method, url: path, headers: API.headers, ...(payload && { payload }) })
  return {
    ...built,
    clock,
    api,
    async open(more = {}) {
      const reply = await api('POST', '/v1/sessions', {
        participants: [{ number: RIDER }, { number: DRIVER }],
        ...more,
      })
      if (reply.statusCode !== 201) throw new Error(reply.body)
      return reply.json()
    },
  }
}

/** One phone call, as the carrier makes it. */
export interface PhoneCall {
  readonly id: string
  /** The document of each answer, the latest last. */
  readonly documents: string[]
  /** Asks what to do with the call. */
  dial(): Promise<string>
  /** Sends these digits to where the last document says. */
  enter(digits: string): Promise<string>
}

export function phoneCall({ app }: Built, from: string, to: string, id: string = randomUUID()): PhoneCall {
  const documents: string[] = []
  const fields = { CallUUID: id, From: from, To: `0${to.replace('+', '').slice(2)}` }
  const send = async (url: string, more: Record<string, string>) => {
    const { body } = await app.inject({ ...webhook({ ...fields, ...more }), url })
    documents.push(body)
    return body
  }
  return {
    id,
    documents,
    dial: () => send('/answer', { Event: 'StartApp' }),
    enter: (Digits) => send(actionIn(documents.at(-1) ?? ''), { Event: 'Redirect', Digits }),
  }
}

/** Where a document sends the digits, as a path. */
export function actionIn(document: string): string {
  const [, url] = /<Gather action="([^"]*)"/.exec(document) ?? []
  return url?.replace(PUBLIC, '') ?? '/nowhere'
}

/** The same for each token. */
export function withoutToken(document: string): string {
  return document.replace(/\/pin\/[\w-]+/, '/pin/TOKEN')
}

/** A PIN that is not this one. */
export function wrong(pin: string): string {
  return String((Number(pin) + 1) % 10 ** pin.length).padStart(pin.length, '0')
}

/** Everything that is kept, in plain: names, values, lists. */
export async function kept({ app }: Built, kinds: readonly string[]): Promise<string> {
  const all: unknown[] = []
  for (const kind of kinds) {
    for await (const found of app.storages.storage.all(kind)) all.push(kind, ...found)
  }
  return JSON.stringify(all)
}

/** Lets what nobody waits for come to its end. */
export async function settled(): Promise<void> {
  for (let i = 0; i < 20; i += 1) await new Promise(setImmediate)
}
