/**
 * Runs the compiled tests: those that are named, or all. In a run of all, the files share a few processes, because loading tap
 * and the service takes longer than most of them. With COVERAGE=full, every line of the service must have run with them. Where
 * no Redis or Valkey server is installed, the last line says what was left out.
 */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { SERVER } from '../test/redis-server.js'

/** What a module that has only types compiles to. */
const ONLY_TYPES = /^export \{\};\s*(\/\/# sourceMappingURL=.*\s*)?$/

/** Holds a file for each process of the whole run. */
const PROCESSES = 'build/processes'

/** What each process of the whole run loads before all else. */
const FIRST = 'build/test/without-async-hooks.js'

/** Seconds, as in .taprc. */
const TAP_TIMEOUT = '900'

/** How many processes there are, all at once: tests of processes and of servers wait, and the others do not. */
const PROCESS_COUNT = 4

const named = process.argv.slice(2)
process.exitCode = await run()

function run(): Promise<number> {
  if (named.length > 0) return runNamed(named)
  return process.env.COVERAGE === 'full' ? runWithCoverage() : runAll()
}

function runNamed(files: readonly string[]): Promise<number> {
  return tap('--disable-coverage', ...files.map(compiled))
}

async function runWithCoverage(): Promise<number> {
  writeProcesses()
  const code = await tap('--coverage-report=text', '--coverage-report=json-summary')
  const notLoaded = sourcesWithCode().filter((source) => !coveredSources().includes(source))
  for (const source of notLoaded) console.error(`no test loads ${source}`)
  return notLoaded.length > 0 ? 1 : code
}

async function runAll(): Promise<number> {
  const code = await runWithoutLoaders(writeProcesses())
  if (!SERVER) {
    console.log(
      `\nLeft out for want of a store: ${countSkipped()} tests. To have them too, install redis-server or valkey-server (or let REDIS_SERVER name one).`,
    )
  }
  return code
}

/**
 * Runs processes of tests. The command of tap only reads what they say, through a pipe each: where it starts them, they and all
 * that they start load what it needs for coverage, which takes longer than most tests.
 */
async function runWithoutLoaders(files: readonly string[]): Promise<number> {
  const started = files.map((file) => {
    const pipe = file.replace(/js$/, 'tap')
    spawnSync('mkfifo', [pipe])
    const command = 'exec "$0" --enable-source-maps "$1" > "$2"'
    const env = { TAP_TIMEOUT, ...process.env }
    return {
      pipe,
      child: spawn('sh', ['-c', command, process.execPath, file, pipe], { env, stdio: 'inherit' }),
    }
  })
  const code = await tap('--disable-coverage', ...started.map(({ pipe }) => pipe))
  // Where tap did not read it, it waits for that.
  for (const { child } of started) child.kill()
  return started.some(({ child }) => child.exitCode) ? 1 : code
}

/** Writes a file for each process: it loads the tests that run there. Each gets its share of each folder. */
function writeProcesses(): string[] {
  rmSync(PROCESSES, { recursive: true, force: true })
  mkdirSync(PROCESSES)
  const tests = filesIn('build/test').filter((file) => file.endsWith('.test.js'))
  const shares = Array.from({ length: PROCESS_COUNT }, () => [FIRST])
  for (const [i, file] of tests.sort().entries()) shares[i % PROCESS_COUNT]?.push(file)
  return shares.map((files, i) => {
    const name = join(PROCESSES, `${i + 1}.test.js`)
    writeFileSync(name, files.map((file) => `import '${relative(PROCESSES, file)}'\n`).join(''))
    return name
  })
}

/** Runs tap and says how it exits. */
async function tap(...args: readonly string[]): Promise<number> {
  const [code] = await once(spawn('node_modules/.bin/tap', args, { stdio: 'inherit' }), 'exit')
  return code ?? 1
}

/** `test/app.test.ts` as it was compiled. */
function compiled(file: string): string {
  return join('build', file.replace(/\.ts$/, '.js'))
}

/** How many tests tap reported as skipped. */
function countSkipped(): number {
  return filesIn('.tap/test-results')
    .filter((file) => file.endsWith('.tap'))
    .flatMap((file) => readFileSync(file, 'utf8').match(/^ *ok .* # SKIP/gm) ?? []).length
}

/** The sources of the service that are more than types, whole paths. */
function sourcesWithCode(): string[] {
  return ['src', 'plugins', 'routes', 'console'].flatMap((folder) =>
    filesIn(join('build', folder))
      .filter((file) => file.endsWith('.js') && !ONLY_TYPES.test(readFileSync(file, 'utf8')))
      .map((file) => resolve(file.replace(/^build\/(.*)\.js$/, '$1.ts'))),
  )
}

function coveredSources(): string[] {
  return Object.keys(JSON.parse(readFileSync('.tap/report/coverage-summary.json', 'utf8')))
}

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((file) => join(folder, file))
}
