/**
 * Puts one mistake after the other into a copy of the rules of sessions, and runs their tests until one fails. `MUTATIONS`
 * names files to look at alone.
 */
import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { MUTATIONS, type Mutation } from './rules.js'

/** In the order in which they find most. */
const TESTS = [
  'test/src/masking/sessions.concurrency.test.ts',
  'test/src/stores/memory-sessions.test.ts',
  'test/src/masking/sessions.tampering.test.ts',
  'test/src/masking/sessions.listing.test.ts',
  'test/src/stores/memory-sessions.crashes.test.ts',
  'test/src/stores/memory-sessions.model.test.ts',
]
/** A mistake may let a test run for ever. */
const LIMIT_MS = 120_000

const copy = mkdtempSync(join(tmpdir(), 'callmask-mutations-'))
process.on('exit', () => rmSync(copy, { recursive: true, force: true }))
for (const part of ['src', 'plugins', 'routes', 'test', 'package.json', 'tsconfig.json'])
  cpSync(part, join(copy, part), { recursive: true })
symlinkSync(resolve('node_modules'), join(copy, 'node_modules'))

const asked = process.env.MUTATIONS?.split(',')
const mutations = MUTATIONS.filter(({ file }) => asked?.includes(file) ?? true)
if (findFailure() !== undefined) throw new Error('the tests fail without any mistake')
const survivors = mutations.filter((mutation) => !isKilled(mutation))
console.log(`${mutations.length - survivors.length} of ${mutations.length} mistakes were found`)
process.exit(survivors.length === 0 ? 0 : 1)

function isKilled({ file, from, to, breaks }: Mutation): boolean {
  const path = join(copy, 'src/masking', file)
  const source = readFileSync(path, 'utf8')
  if (source.split(from).length !== 2) throw new Error(`${file} does not have this once: ${from}`)
  writeFileSync(
    path,
    source.replace(from, () => to),
  )
  const found = findFailure()
  writeFileSync(path, source)
  console.log(`${found ? 'found   ' : 'SURVIVES'} ${file}: ${breaks}${found ? ` (${found})` : ''}`)
  return found !== undefined
}

/** The first test that fails. */
function findFailure(): string | undefined {
  return TESTS.find((test) => {
    const { status } = spawnSync(process.execPath, ['--import', 'tsx', test], {
      cwd: copy,
      env: { ...process.env, TAP_TIMEOUT: String(LIMIT_MS / 1_000), TAP_BAIL: '1' },
      timeout: LIMIT_MS,
      stdio: 'ignore',
    })
    return status !== 0
  })
}
