import { test } from 'tap'
import {
  BATCH_BYTES,
  BATCH_MS,
  boundedStream,
  MAX_WAITING_BYTES,
  RETRY_MS,
} from '../../../src/logging/bounded-stream.js'
import { testClock } from '../../clocks.js'

/** A stream onto a writer whose writes end as the test says. */
function onWriter() {
  const clock = testClock()
  const attempts: { bytes: Buffer; done: (error: Error | null, written: number) => void }[] = []
  let written = ''
  const recoveries: number[] = []
  const stream = boundedStream({
    clock,
    write: (bytes, done) => attempts.push({ bytes, done }),
    onRecovery(dropped) {
      recoveries.push(dropped)
      stream.write(`${dropped} dropped\n`)
    },
  })

  /** Ends the write that is under way: so many of its bytes are written, by default all. */
  function succeed(count?: number): void {
    const attempt = attempts.shift()
    if (!attempt) throw new Error('nothing is being written')
    const bytes = attempt.bytes.subarray(0, count)
    written += bytes
    attempt.done(null, bytes.length)
  }

  function fail(): void {
    attempts.shift()?.done(new Error('ENOSPC'), 0)
  }

  return {
    clock,
    stream,
    recoveries,
    succeed,
    fail,
    writing: () => attempts.map(({ bytes }) => String(bytes)),
    written: () => written,
  }
}

const line = (bytes: number) => `${'x'.repeat(bytes - 1)}\n`

test('lines are gathered for a moment, and written together', async (t) => {
  const { stream, clock, writing, succeed, written } = onWriter()
  stream.write('a\n')
  stream.write('b\n')
  t.same(writing(), [])
  t.equal(clock.runOut(BATCH_MS), 1)
  t.same(writing(), ['a\nb\n'])
  stream.write('c\n')
  stream.write('d\n')
  t.same(writing(), ['a\nb\n'], 'one write at a time')
  succeed()
  t.same(writing(), ['c\nd\n'])
  succeed()
  t.equal(written(), 'a\nb\nc\nd\n')
  t.same(writing(), [])
})

test('a large batch is written at once', async (t) => {
  const { stream, clock, writing } = onWriter()
  stream.write(line(BATCH_BYTES - 1))
  t.same(writing(), [])
  stream.write('a')
  t.equal(writing().length, 1)
  t.equal(clock.runOut(BATCH_MS), 0, 'and none waits any more')
})

test('a partial write continues where it stopped', async (t) => {
  const { stream, clock, written, succeed } = onWriter()
  stream.write('é-line\n')
  clock.runOut(BATCH_MS)
  succeed(1)
  succeed(2)
  succeed()
  t.equal(Buffer.byteLength(written()), Buffer.byteLength('\ufffd\ufffd-line\n'))
  t.match(written(), '-line\n')
})

test('a failed write is retried, in order and without torn lines', async (t) => {
  const { stream, clock, fail, succeed, writing, written } = onWriter()
  stream.write('first\n')
  clock.runOut(BATCH_MS)
  succeed(2)
  fail()
  stream.write('second\n')
  t.same(writing(), [], 'nothing is tried at once')
  t.equal(clock.runOut(RETRY_MS), 1)
  fail()
  t.equal(clock.runOut(RETRY_MS), 1)
  succeed()
  succeed()
  t.equal(written(), 'first\nsecond\n')
  t.equal(stream.dropped, 0)
})

test('lines without room are dropped, counted, and reported once writing works again', async (t) => {
  const { stream, clock, fail, succeed, recoveries, written } = onWriter()
  const BYTES = 1024
  const kept = MAX_WAITING_BYTES / BYTES
  for (let i = 0; i < kept + 5; i++) stream.write(line(BYTES))
  t.equal(stream.dropped, 5)
  fail()
  for (let i = 0; i < 2; i++) stream.write(line(BYTES))
  t.equal(stream.dropped, 7)
  t.same(recoveries, [])

  clock.runOut(RETRY_MS)
  succeed()
  t.same(recoveries, [], 'not yet: there is hardly room')
  succeed()
  t.same(recoveries, [7])
  succeed()
  t.equal(written(), `${line(BYTES).repeat(kept)}7 dropped\n`, 'after the lines that were kept')

  stream.write('next\n')
  clock.runOut(BATCH_MS)
  succeed()
  t.same(recoveries, [7], 'only once')
  t.equal(stream.dropped, 7, 'the count goes on for ever')
  t.match(written(), /7 dropped\nnext\n$/)
})

test('flush', async (t) => {
  t.test('calls back when all is written', async (t) => {
    const { stream, succeed, writing } = onWriter()
    const flushed: unknown[] = []
    stream.flush(() => flushed.push('nothing to do'))
    t.same(flushed, ['nothing to do'])
    stream.write('a\n')
    stream.flush((error) => flushed.push(error))
    t.same(writing(), ['a\n'], 'at once')
    stream.write('b\n')
    stream.flush((error) => flushed.push(error))
    succeed()
    t.equal(flushed.length, 1)
    succeed()
    t.same(flushed, ['nothing to do', undefined, undefined])
  })

  t.test('gives up at the first failure', async (t) => {
    const { stream, clock, fail, writing } = onWriter()
    const flushed: unknown[] = []
    stream.write('a\n')
    clock.runOut(BATCH_MS)
    fail()
    stream.flush((error) => flushed.push(error))
    t.same(writing(), ['a\n'], 'after one more attempt')
    fail()
    t.match(flushed, [{ message: 'ENOSPC' }])
    t.equal(clock.runOut(RETRY_MS), 1, 'and one alone is planned')
  })
})
