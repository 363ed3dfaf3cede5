import { Worker } from 'node:worker_threads'
import { StoreUnavailableError } from '../../masking/storage.js'
import type { Asked, Told } from './serve-writes.js'
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
  /** Told why a transaction failed. */
  readonly onFailure: (why: string) => void
}

interface Waiting {
  resolve(changed: boolean): void
  reject(error: StoreUnavailableError): void
}

export function startWritingThread({ folder, now, onFailure }: WritingThreadOptions): WritingThread {
  const { source, options } = workerSource(import.meta.url, './worker.js')
  // What the process was told to load first is not for this thread.
  const worker = new Worker(source, { ...options, execArgv: [], workerData: folder })
  let gathered: { readonly write: Write; readonly waiting: Waiting }[] = []
  /** Those who wait for each batch that was sent, in order. */
  const sent: (readonly Waiting[])[] = []
  let hasEnded = false

  /** Sends all that was asked for in one turn of the event loop in one message. */
  function send(): void {
    if (gathered.length === 0 || hasEnded) return
    // The process must not end before it knows what became of it.
    worker.ref()
    sent.push(gathered.map(({ waiting }) => waiting))
    ask({ writes: gathered.map(({ write }) => write), now: now() })
    gathered = []
  }

  function ask(asked: Asked): void {
    worker.postMessage(asked)
  }

  const ready = new Promise<number>((resolve, reject) => {
    worker.on('error', reject)
    worker.on('exit', () => reject(new Error('the thread that writes has ended')))
    worker.on('message', (told: Told) => {
      if (told.told === 'ready') return resolve(told.clock)
      if (told.told === 'failed') {
        onFailure(told.why)
        for (const waiting of sent.splice(0, told.batches).flat()) waiting.reject(new StoreUnavailableError())
      } else {
        for (const results of told.results) settle(sent.shift() ?? [], results)
      }
      if (sent.length === 0) worker.unref()
    })
  })

  const ended = new Promise<void>((resolve) => {
    worker.on('exit', () => {
      hasEnded = true
      const left = [...sent.splice(0).flat(), ...gathered.splice(0).map(({ waiting }) => waiting)]
      for (const waiting of left) waiting.reject(new StoreUnavailableError())
      resolve()
    })
  })

  return {
    ready,
    ended,
    write(write) {
      return new Promise((resolve, reject) => {
        if (hasEnded) return reject(new StoreUnavailableError())
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
