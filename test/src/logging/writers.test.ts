import { spawnSync } from 'node:child_process'
import { closeSync, constants, openSync, readFileSync, readSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { isatty } from 'node:tty'
import { type Test, test } from 'tap'
import type { Write } from '../../../src/logging/bounded-stream.js'
import { appendTo, withoutBlocking, writerOf } from '../../../src/logging/writers.js'

const { O_NOCTTY, O_NONBLOCK, O_RDWR } = constants

function open(t: Test, path: string, flags: number): number {
  const descriptor = openSync(path, flags)
  t.teardown(() => closeSync(descriptor))
  return descriptor
}

/** What becomes of writing this text. */
function outcome(write: Write, text: string): Promise<unknown> {
  return new Promise((resolve) => {
    write(Buffer.from(text), (error, written) =>
      resolve(error ? (error as NodeJS.ErrnoException).code : written),
    )
  })
}

const none = () => {
  throw new Error('there is no stream')
}

function namedPipe(t: Test): string {
  const path = join(t.testdir(), 'pipe')
  spawnSync('mkfifo', [path])
  return path
}

test('a file is appended to, and made for its owner alone', async (t) => {
  const path = join(t.testdir({ there: 'a\n' }), 'there')
  t.equal(await outcome(appendTo(path), 'b\n'), 2)
  t.equal(readFileSync(path, 'utf8'), 'a\nb\n')
  const made = join(t.testdirName, 'made')
  await outcome(appendTo(made), 'c')
  t.equal(statSync(made).mode & 0o777, 0o600)
  t.throws(() => appendTo(join(t.testdirName, 'missing', 'file')), { code: 'ENOENT' })
})

test('a full disk is an error of the write', async (t) => {
  t.equal(await outcome(writerOf(open(t, '/dev/full', O_RDWR), none), 'a'), 'ENOSPC')
})

test('a named pipe that nobody reads is an error of the write, and holds nothing up', async (t) => {
  const path = namedPipe(t)
  const reader = open(t, path, O_RDWR | O_NONBLOCK)
  const write = appendTo(path)
  const text = 'x'.repeat(4096)
  while ((await outcome(write, text)) === text.length);
  t.equal(await outcome(write, text), 'EAGAIN')
  readSync(reader, Buffer.alloc(8192))
  t.equal(await outcome(write, text), text.length, 'and goes on when it is read')
})

test('a pipe is written to through the stream on it, which survives its errors', async (t) => {
  const descriptor = open(t, namedPipe(t), O_RDWR | O_NONBLOCK)
  const stream = new PassThrough()
  const write = writerOf(descriptor, () => stream)
  t.equal(await outcome(write, 'abc'), 3)
  t.equal(String(stream.read()), 'abc')
  stream.destroy(Object.assign(new Error(), { code: 'EPIPE' }))
  await new Promise((resolve) => stream.once('close', resolve))
  t.equal(await outcome(write, 'abc'), 'ERR_STREAM_DESTROYED')
})

test('a terminal is opened anew, or taken as it is', async (t) => {
  const terminal = open(t, '/dev/ptmx', O_RDWR | O_NOCTTY)
  t.ok(isatty(terminal))
  t.equal(await outcome(writerOf(terminal, none), 'abc'), 3)
  const anew = withoutBlocking(terminal, `/dev/fd/${terminal}`)
  t.teardown(() => closeSync(anew))
  t.not(anew, terminal)
  t.equal(withoutBlocking(terminal, '/nowhere'), terminal)
})
