/**
 * Packs the project as it would be published, installs the package in an empty folder, and uses it there as a stranger
 * would: the commands, and the service as a part of a TypeScript program.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'

/** Milliseconds after which a run that hangs is ended. */
const WATCHDOG_MS = 15 * 60_000
setTimeout(hung, WATCHDOG_MS).unref()

const children = new Set<ChildProcess>()

const ROOT = resolve('.')
const PAIR = { M1: '919000000001', M2: '919000000002', FE: '918888800001', CUSTOMER: '918888800002' }
const { version } = JSON.parse(readFileSync('package.json', 'utf8'))

/** A program that has callmask as a part. */
const EMBEDDING = `
import { buildApp, type Clock, createLogger, readEnvironment } from 'callmask'

const clock: Clock = { now: Date.now, every: () => () => undefined, after: () => () => undefined }
const environment = { ...readEnvironment(), ...${JSON.stringify(PAIR)}, LOG_LEVEL: 'silent', AUDIT_LOG: 'off' }
const app = buildApp({ environment, logger: createLogger(), clock })
await app.ready()
const port: number = app.config.PORT
const reply = await app.inject('/health')
app.drain.begin()
console.log(port, reply.json().version, (await app.inject('/health/ready')).statusCode)
await app.close()
`

const work = await mkdtemp(join(tmpdir(), 'callmask-package-'))
const app = join(work, 'app')
try {
  const tarball = await pack()
  await checkContent(tarball)
  await install(tarball)
  await checkCommands()
  await checkService()
  await checkEmbedding()
  await checkSignals()
} finally {
  await rm(work, { recursive: true, force: true })
}

/** Packs the project. What lies in `dist` from before must not matter. */
async function pack(): Promise<string> {
  await mkdir('dist/src', { recursive: true })
  await writeFile('dist/src/left-behind.js', '')
  await run('npm', ['pack', '--pack-destination', work])
  const [file] = readdirSync(work).filter((name) => name.endsWith('.tgz'))
  check(`npm pack builds and packs callmask ${version}`, file === `callmask-${version}.tgz`, String(file))
  return join(work, String(file))
}

/** Only what runs or what says something about it, and all of that. */
async function checkContent(tarball: string): Promise<void> {
  const listed = await run('tar', ['-tzf', tarball])
  const files = listed.split('\n').flatMap((line) => (line ? line.replace('package/', '') : []))
  const allowed =
    /^(package\.json|README\.md|LICENSE|\.env\.example|dist\/(src|plugins|routes|console)\/[\w/-]+\.(js|d\.ts)|console\/assets\/[\w-]+\.(css|js))$/
  const foreign = files.filter((file) => !allowed.test(file) || file.includes('left-behind'))
  check('it holds nothing but what runs', foreign.length === 0, foreign.join('\n'))

  const sources = ['src', 'plugins', 'routes', 'console'].flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .map((file) => join(folder, file.replace(/\.ts$/, ''))),
  )
  const assets = readdirSync('console/assets').map((file) => join('console/assets', file))
  const wanted = [...assets, ...sources.flatMap((source) => [`dist/${source}.js`, `dist/${source}.d.ts`])]
  const missing = [...wanted, 'package.json', 'README.md', 'LICENSE', '.env.example'].filter(
    (file) => !files.includes(file),
  )
  check('and all of that', missing.length === 0, missing.join('\n'))
}

async function install(tarball: string): Promise<void> {
  await mkdir(app)
  await writeFile(join(app, 'package.json'), JSON.stringify({ private: true, type: 'module' }))
  await run('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', tarball], { cwd: app })
  const scripts = readdirSync(join(app, 'node_modules/callmask/dist'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.js'))
    .filter((file) =>
      readFileSync(join(app, 'node_modules/callmask/dist', file), 'utf8').includes('sourceMappingURL'),
    )
  check('no file leads to a source map that is not there', scripts.length === 0, scripts.join('\n'))
}

async function checkCommands(): Promise<void> {
  const npx = (...args: string[]) =>
    run('npx', ['--no-install', 'callmask', ...args], { cwd: app, environment: { PORT: '0' } })
  const help = await npx('--help')
  check('npx callmask --help', /Usage: callmask/.test(help), help)
  const said = await npx('--version')
  check('npx callmask --version', said.trim() === version, said)
  const played = await npx('demo', '--once')
  const end = 'reaches   nobody, and hears: Sorry, this number is not authorised for your account.'
  check(
    'npx callmask demo plays to its end',
    String(played.split('The rider calls once more')[1]).includes(end),
    played,
  )
}

/** The service of the installed package, on the settings that it wrote itself, which answers a call and ends with 0. */
async function checkService(): Promise<void> {
  await run('npx', ['--no-install', 'callmask', 'init'], { cwd: app })
  check('npx callmask init writes an .env', existsSync(join(app, '.env')), '')
  const bin = join(app, 'node_modules/.bin/callmask')
  const { child, url } = await listening(bin, ['serve'], { cwd: app })
  const health = await (await fetch(`${url}/health`)).text()
  check('callmask serve says its version', health.includes(`"version":"${version}"`), health)
  const answer = await fetch(`${url}/answer`, {
    method: 'POST',
    body: new URLSearchParams({ From: PAIR.FE, To: PAIR.M1 }),
  })
  const document = await answer.text()
  check('and connects a call', document.includes(`<Number>${PAIR.CUSTOMER}</Number>`), document)
  child.kill('SIGTERM')
  const [code] = await once(child, 'exit')
  check('and ends with 0', code === 0, String(code))
}

/** Compiled strictly, declarations of libraries included, with the compiler and the Node types of this project. */
async function checkEmbedding(): Promise<void> {
  await writeFile(join(app, 'embedding.ts'), EMBEDDING)
  const compilerOptions = {
    target: 'ES2022',
    module: 'NodeNext',
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    verbatimModuleSyntax: true,
    skipLibCheck: false,
    types: ['node'],
    typeRoots: [join(ROOT, 'node_modules/@types')],
  }
  await writeFile(join(app, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['embedding.ts'] }))
  await run(process.execPath, [join(ROOT, 'node_modules/typescript/bin/tsc'), '-p', app])
  const said = await run(process.execPath, ['embedding.js'], { cwd: app })
  check('a TypeScript program builds the service and asks it', said === `8001 ${version} 503\n`, said)
}

/** A signal to `npm start` alone, as a script's `kill` sends it, must end the service too. */
async function checkSignals(): Promise<void> {
  const { child } = await listening('npm', ['start'], { environment: PAIR })
  child.kill('SIGTERM')
  // The pipe ends when the last process that writes to it has ended.
  const [code] = await once(child, 'close')
  check('npm start passes a signal on', code === 0, String(code))
}

interface RunOptions {
  readonly cwd?: string
  readonly environment?: Readonly<Record<string, string>>
}

function start(command: string, args: readonly string[], { cwd = ROOT, environment }: RunOptions) {
  // The settings of npm that a caller has (such as `ignore-scripts`) are not those of a stranger.
  const inherited = Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name))
  const child = spawn(command, args, {
    cwd,
    env: { ...Object.fromEntries(inherited), ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  children.add(child.on('exit', () => children.delete(child)))
  return child
}

/** Runs a command to its end and returns what it wrote to standard output. Throws all that it wrote when it failed. */
async function run(command: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
  const child = start(command, args, options)
  let [out, err] = ['', '']
  child.stdout.on('data', (chunk) => (out += chunk))
  child.stderr.on('data', (chunk) => (err += chunk))
  const [code] = await once(child, 'close')
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${code}:\n${out}${err}`)
  return out
}

/** Starts a service on a free port and waits until it says where it listens. */
async function listening(
  command: string,
  args: readonly string[],
  { cwd, environment }: RunOptions,
): Promise<{ child: ChildProcess; url: string }> {
  const settings = { ...environment, HOST: '127.0.0.1', PORT: '0', DRAIN_DELAY: '0' }
  const child = start(command, args, { ...(cwd && { cwd }), environment: settings })
  let output = ''
  child.stderr.on('data', (chunk) => (output += chunk))
  for await (const line of createInterface({ input: child.stdout })) {
    output += `${line}\n`
    const [url] = /http:\/\/127\.0\.0\.1:\d+/.exec(line) ?? []
    if (!url) continue
    child.stdout.resume()
    return { child, url }
  }
  throw new Error(`${command} ${args.join(' ')} did not listen:\n${output}`)
}

function hung(): void {
  console.error(`a check did not end within ${WATCHDOG_MS / 60_000} minutes`)
  for (const child of children) child.kill('SIGKILL')
  process.exit(1)
}

function check(what: string, holds: boolean, seen: string): void {
  if (!holds) throw new Error(`${what}: no. Seen:\n${seen}`)
  console.log(`ok ${what}`)
}
