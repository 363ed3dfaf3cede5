import { setImmediate as turn } from 'node:timers/promises'
import { type Connection, createConnection, type Reply } from './connection.js'
import { quantile } from './statistics.js'

/** What a server is asked, request by request. */
export type Load = () => Asked

export interface Asked {
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  /** Throws when it is not the reply that must come. */
  check(reply: Reply): void
}

/** A reply that a busy machine can cause, such as the apology for a store that was too late: the round counts nothing. */
export class SpoiltError extends Error {
  override readonly name = 'SpoiltError'
}

/** Where requests are sent to. */
export interface Target {
  /** Of a server on the loopback. */
  readonly url: string
  readonly path: string
  readonly load: Load
  readonly connections: number
}

export interface Loaded {
  readonly perSecond: number
  /** Milliseconds. */
  readonly p50: number
  readonly p99: number
}

/** Asks so often, on each connection as soon as it was answered: how fast can it be? */
export async function saturate(target: Target, requests: number): Promise<Loaded> {
  const connections = connectionsTo(target)
  const times = new Float64Array(requests)
  let asked = 0
  const begun = performance.now()
  const answered = Promise.all(
    connections.map(async (connection) => {
      while (asked < requests) {
        const i = asked++
        const sentAt = performance.now()
        await exchange(connection, target)
        times[i] = performance.now() - sentAt
      }
    }),
  )
  await awakeUntil(answered)
  const seconds = (performance.now() - begun) / 1_000
  for (const connection of connections) connection.close()
  return result(times, seconds)
}

/**
 * Asks at a rate, whether it is answered or not, at moments as random as those of independent callers. Times count from the
 * moment when a request was due, so one that has to wait for the client counts as slow.
 */
export async function atRate(target: Target, perSecond: number, requests: number): Promise<Loaded> {
  const connections = connectionsTo(target)
  const free = [...connections]
  const times = new Float64Array(requests)
  const begun = performance.now()
  const answers: Promise<void>[] = []
  for (let [i, due] = [0, begun]; i < requests; i++) {
    due -= (Math.log(1 - Math.random()) * 1_000) / perSecond
    // A timer is late by up to a millisecond: this one must not be.
    while (performance.now() < due || free.length === 0) await turn()
    const connection = free.pop() as Connection
    const [place, since] = [i, due]
    answers.push(
      exchange(connection, target).then(() => {
        times[place] = performance.now() - since
        free.push(connection)
      }),
    )
  }
  await Promise.all(answers)
  const seconds = (performance.now() - begun) / 1_000
  for (const connection of connections) connection.close()
  return result(times, seconds)
}

/**
 * Keeps this process from sleeping. A client on the same machine that sleeps is woken by the reply that it waits for, which the
 * kernel counts as the server's work: the slower a server is, the more often its clients sleep.
 */
async function awakeUntil(over: Promise<unknown>): Promise<void> {
  let isOver = false
  const settle = () => {
    isOver = true
  }
  over.then(settle, settle)
  while (!isOver) await turn()
  await over
}

function connectionsTo({ url, connections }: Target): Connection[] {
  const port = Number(new URL(url).port)
  return Array.from({ length: connections }, () => createConnection(port))
}

async function exchange(connection: Connection, { path, load }: Target): Promise<void> {
  const { headers, body, check } = load()
  check(await connection.ask(bytesOf(path, headers, body)))
}

function bytesOf(path: string, headers: Readonly<Record<string, string>>, body: string): Buffer {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  return Buffer.from(
    `POST ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\n${lines.join('')}content-length: ${body.length}\r\n\r\n${body}`,
  )
}

function result(times: Float64Array, seconds: number): Loaded {
  const ordered = times.sort()
  return {
    perSecond: times.length / seconds,
    p50: quantile(ordered, 0.5),
    p99: quantile(ordered, 0.99),
  }
}
