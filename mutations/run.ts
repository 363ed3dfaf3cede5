/**
 * Puts one mistake after the other into a copy of the source, and runs the tests of what it is about until one fails. `MUTATIONS`
 * names files to look at alone.
 */
import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Mutation } from './mutation.js'
import { PINS } from './pins.js'
import { RULES } from './rules.js'

interface Group {
  readonly mutations: readonly Mutation[]
  /** In the order in which they find most. */
  readonly tests: readonly string[]
}

const SESSION_TESTS = [
  'test/src/masking/sessions.concurrency.test.ts',
  'test/src/stores/memory-sessions.test.ts',
  'test/src/masking/sessions.tampering.test.ts',
  'test/src/masking/sessions.listing.test.ts',
  'test/src/masking/sessions.writes.test.ts',
  'test/src/events/sessions-told.test.ts',
  'test/src/stores/memory-sessions.crashes.test.ts',
  'test/src/stores/memory-sessions.model.test.ts',
]
const PIN_TESTS = [
  'test/src/calls/pin-tries.test.ts',
  'test/src/masking/pins.test.ts',
  'test/routes/pin.test.ts',
]
const GROUPS: readonly Group[] = [
  { mutations: RULES, tests: SESSION_TESTS },
  { mutations: PINS, tests: PIN_TESTS },
]
/** A mistake may let a test run for ever. */
const LIMIT_MS = 120_000

const copy = mkdtempSync(join(tmpdir(), 'callmask-mutations-'))
process.on('exit', () => rmSync(copy, { recursive: true, force: true }))
for (const part of ['src', 'plugins', 'routes', 'console', 'test', 'package.json', 'tsconfig.json'])
  cpSync(part, join(copy, part), { recursive: true })
symlinkSync(resolve('node_modules'), join(copy, 'node_modules'))

const asked = process.env.MUTATIONS?.split(',')
let [count, survived] = [0, 0]
for (const { mutations, tests } of GROUPS) {
  const chosen = mutations.filter(({ file }) => asked?.includes(file) ?? true)
  if (chosen.length === 0) continue
  const failing = findFailure(tests)
  if (failing) throw new Error(`a test fails without any mistake: ${failing}`)
  count += chosen.length
  survived += chosen.filter((mutation) => !isKilled(mutation, tests)).length
}
console.log(`${count - survived} of ${count} mistakes were found`)
process.exit(count > 0 && survived === 0 ? 0 : 1)

function isKilled({ file, from, to, breaks }: Mutation, tests: Group['tests']): boolean {
  const path = join(copy, 'src', file)
  const source = readFileSync(path, 'utf8')
  if (source.split(from).length !== 2) throw new Error(`${file} does not have this once: ${from}`)
  writeFileSync(
    path,
    source.replace(from, () => to),
  )
  const found = findFailure(tests)
  writeFileSync(path, source)
  console.log(`${found ? 'found   ' : 'SURVIVES'} ${file}: ${breaks}${found ? ` (${found})` : ''}`)
  return found !== undefined
}

/** The first test that fails. */
function findFailure(tests: Group['tests']): string | undefined {
  return tests.find((test) => {
    const { status } = spawnSync(process.execPath, ['--import', 'tsx', test], {
      cwd: copy,
      env: { ...process.env, TAP_TIMEOUT: String(LIMIT_MS / 1_000), TAP_BAIL: '1' },
      timeout: LIMIT_MS,
      stdio: 'ignore',
    })
    return status !== 0
  })
}
