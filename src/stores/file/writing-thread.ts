import { Worker } from 'node:worker_threads'
import type { Clock } from '../../clock.js'
import { StoreUnavailableError } from '../../masking/storage.js'
import type { Asked, Served, Told } from './serve-writes.js'
import { createGate, shutGate } from './transaction-gate.js'
import { workerSource } from './worker-source.js'
import type { Write } from './writer.js'

/** The thread that writes, as the others see it. */
export interface WritingThread {
  /** The highest time that was written before, milliseconds since 1970. Rejects when the database cannot be opened. */
  readonly ready: Promise<number>
  /** Says whether it changed anything, when that is on disk. Rejects with a `StoreUnavailableError` when it failed. */
  write(write: Write): Promise<boolean>
  /** Resolves when it no longer runs, whatever the reason. All that was not answered has been rejected then. */
  readonly ended: Promise<void>
  /** Lets it end when it has done all that was asked. */
  close(): Promise<void>
}

export interface WritingThreadOptions {
  readonly folder: string
  /** The store's clock, milliseconds since 1970. */
  readonly now: () => number
  readonly after: Clock['after']
  /** Milliseconds after which nobody waits for the disk any longer. What was asked may still be done. */
  readonly answerLimitMs: number
  /** Told why something was not written. */
  readonly onFailure: (why: string) => void
}

interface Waiting {
  resolve(changed: boolean): void
  reject(error: StoreUnavailableError): void
}

/** What was sent in one message. */
interface Sent {
  readonly all: readonly Waiting[]
  readonly stopTimer: () => void
}

/** How long the end of the process waits for a transaction, in milliseconds. */
const EXIT_LIMIT_MS = 5_000

export function startWritingThread(options: WritingThreadOptions): WritingThread {
  const { folder, now, after, answerLimitMs, onFailure } = options
  const gate = createGate()
  const served: Served = { folder, gate }
  const { source, options: howToRun } = workerSource(import.meta.url, './worker.js')
  // What the process was told to load first is not for this thread.
  const worker = new Worker(source, { ...howToRun, execArgv: [], workerData: served })
  const onExit = () => shutGate(gate, EXIT_LIMIT_MS)
  process.on('exit', onExit)

  let gathered: { readonly write: Write; readonly waiting: Waiting }[] = []
  /** What was sent and is not answered, in order. */
  const sent: Sent[] = []
  let isOverdue = false
  let hasEnded = false

  /** Sends all that was asked for in one turn of the event loop in one message. */
  function send(): void {
    if (gathered.length === 0 || hasEnded) return
    // The process must not end before it knows what became of it.
    worker.ref()
    const all = gathered.map(({ waiting }) => waiting)
    sent.push({ all, stopTimer: after(answerLimitMs, () => giveUp(all)) })
    ask({ writes: gathered.map(({ write }) => write), now: now() })
    gathered = []
  }

  function ask(asked: Asked): void {
    worker.postMessage(asked)
  }

  function giveUp(all: readonly Waiting[]): void {
    isOverdue = true
    onFailure('the disk does not answer')
    reject(all)
  }

  /** Those who wait for the next so many messages, which are answered now. */
  function answered(count: number): (readonly Waiting[])[] {
    isOverdue = false
    const all = sent.splice(0, count)
    for (const { stopTimer } of all) stopTimer()
    if (sent.length === 0) worker.unref()
    return all.map((one) => one.all)
  }

  const ready = new Promise<number>((resolve, cannotOpen) => {
    worker.on('error', cannotOpen)
    worker.on('exit', () => cannotOpen(new Error('the thread that writes has ended')))
    worker.on('message', (told: Told) => {
      if (told.told === 'ready') {
        worker.unref()
        return resolve(told.clock)
      }
      if (told.told === 'done') return settle(answered(told.results.length).flat(), told.results.flat())
      onFailure(told.why)
      reject(answered(told.batches).flat())
    })
  })

  const ended = new Promise<void>((resolve) => {
    worker.on('exit', () => {
      hasEnded = true
      process.off('exit', onExit)
      reject([...answered(sent.length).flat(), ...gathered.splice(0).map(({ waiting }) => waiting)])
      resolve()
    })
  })

  return {
    ready,
    ended,
    write(write) {
      return new Promise((resolve, reject) => {
        // Nobody waits for a disk that did not answer the last time.
        if (hasEnded || isOverdue) return reject(new StoreUnavailableError())
        if (gathered.length === 0) setImmediate(send)
        gathered.push({ write, waiting: { resolve, reject } })
      })
    },
    close() {
      send()
      worker.ref()
      if (!hasEnded) ask('close')
      return ended
    },
  }
}

function settle(all: readonly Waiting[], results: readonly boolean[]): void {
  all.forEach((waiting, i) => {
    waiting.resolve(results[i] === true)
  })
}

function reject(all: readonly Waiting[]): void {
  for (const waiting of all) waiting.reject(new StoreUnavailableError())
}
