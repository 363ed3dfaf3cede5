import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { type Test, test } from 'tap'
import { opened, temporaryFolder } from './folders.js'

const CHILD = fileURLToPath(new URL('./child.js', import.meta.url))

interface Child {
  readonly process: ChildProcess
  /** What it has said so far. */
  readonly said: string[]
  command(line: string): void
  /** Resolves when it has said something. */
  says(line: string): Promise<void>
}

/** @param blocks the size that a file may have at most, in blocks of 512 bytes */
function start(t: Test, folder: string, blocks: number | 'unlimited' = 'unlimited'): Child {
  const child = spawn(
    'sh',
    ['-c', `ulimit -S -f ${blocks}; exec "$0" "$1" "$2"`, process.execPath, CHILD, folder],
    {
      // It measures nothing for this process.
      env: { PATH: process.env.PATH },
      stdio: ['pipe', 'pipe', 'inherit'],
    },
  )
  t.teardown(() => child.kill('SIGKILL'))
  const said: string[] = []
  const lines = createInterface(child.stdout).on('line', (line) => said.push(line))
  return {
    process: child,
    said,
    command: (line) => child.stdin.write(`${line}\n`),
    async says(line) {
      while (!said.includes(line)) await once(lines, 'line')
    },
  }
}

function acknowledged({ said }: Child): string[] {
  return said.flatMap((line) => /^acknowledged (.*)/.exec(line)?.[1] ?? [])
}

/** How many of these are not there. */
async function lost(t: Test, folder: string, ids: readonly string[]): Promise<number> {
  const texts = await opened(t, { folder })
  const read = await texts.read(ids.map((id) => ({ kind: 'thing', id })))
  return read.filter((text) => text === undefined).length
}

const prlimit = spawnSync('prlimit', ['--version']).status === 0

test('where no more can be written, it says so, what was acknowledged is there, and it goes on when there is room', {
  skip: prlimit ? false : 'for want of prlimit',
}, async (t) => {
  const folder = temporaryFolder(t)
  const child = start(t, folder, 3_000)
  child.command('fill')
  await child.says('filled')
  t.equal(child.said.filter((line) => line === 'failed: StoreUnavailableError').length, 16)
  t.match(child.said, [/^acknowledged/])
  t.ok(child.said.includes('down: Input/output error') || child.said.includes('down: File too large'))

  spawnSync('prlimit', ['--fsize=unlimited:', '--pid', String(child.process.pid)])
  for (let i = 0; i < 2; i++) child.command('upkeep')
  await child.says('up')
  const before = acknowledged(child).length
  child.command('put')
  child.command('close')
  await child.says('closed')
  t.equal(acknowledged(child).length, before + 1)
  t.ok(before > 500)
  t.equal(await lost(t, folder, acknowledged(child)), 0)
})

test('a process that exits in the middle of its work ends, and what was acknowledged is there', async (t) => {
  const folder = temporaryFolder(t)
  const child = start(t, folder)
  child.command('put')
  await child.says('acknowledged 1')
  child.command('fill and exit')
  const [code] = await once(child.process, 'exit')
  t.equal(code, 7)
  t.equal(await lost(t, folder, acknowledged(child)), 0)
})

test('a process that was killed leaves the folder to the next, with all that was acknowledged', async (t) => {
  const folder = temporaryFolder(t)
  const child = start(t, folder)
  child.command('fill')
  await child.says('acknowledged 64')
  await t.rejects(opened(t, { folder }), { name: 'StoreFolderError' })
  child.process.kill('SIGKILL')
  await once(child.process, 'close')
  t.equal(await lost(t, folder, acknowledged(child)), 0)
})
