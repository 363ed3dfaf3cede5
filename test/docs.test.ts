import { test } from 'tap'
import { PROBLEM_STATUS } from '../src/api/problem.js'
import { listenHost } from '../src/config/listen-host.js'
import { ConfigSchema, SECRETS } from '../src/config/schema.js'
import { commandNamed, flagsIn, namedCommands, readCliTree } from './cli-tree.js'
import { API, build } from './helper.js'
import {
  anchors,
  codeLines,
  codeSpans,
  docsPages,
  isInRepository,
  readPage,
  readRepositoryFile,
  relativeLinks,
  resolveLink,
  tableRows,
  textOfFolder,
} from './markdown.js'

const MAX_README_WORDS = 700

const variables = Object.entries(ConfigSchema.properties)
const unique = (names: (string | undefined)[]) => [...new Set(names)].sort()

const readme = readPage('README.md')
const docs = docsPages()
const allPages = [readme, ...docs, readPage('CONTRIBUTING.md'), readPage('SECURITY.md')]

test('.env.example has every variable of the schema and no other, with its default', async (t) => {
  const example = readRepositoryFile('.env.example')
  const entries = [...example.matchAll(/^(#?)([A-Z][A-Z0-9_]*)=(.*)$/gm)]
  t.same(unique(entries.map(([, , name]) => name)), unique(variables.map(([name]) => name)))
  for (const [name, schema] of variables) {
    if (schema.default === undefined) continue
    const entry = entries.find((entry) => entry[2] === name)
    t.same([entry?.[1], entry?.[3]], ['#', String(schema.default)], `${name} shows its default`)
  }
})

test('docs/settings.md has every variable of the schema and no other, with its default', async (t) => {
  const { text } = readPage('docs/settings.md')
  const rows = [...text.matchAll(/^\| `([A-Z][A-Z0-9_]*)` \|([^|]*)\|/gm)]
  t.same(unique(rows.map(([, name]) => name)), unique(variables.map(([name]) => name)))
  for (const [name, schema] of variables) {
    const row = rows.find((row) => row[1] === name)
    if (schema.default === undefined) t.not(row?.[2]?.trim(), '', `${name} says what holds without it`)
    else t.equal(row?.[2]?.trim(), `\`${schema.default}\``, `${name} shows its default`)
  }
})

test('the default of HOST, which depends on NODE_ENV, is shown for both', async (t) => {
  const [here, everywhere] = [listenHost({}), listenHost({ NODE_ENV: 'production' })]
  const { text } = readPage('docs/settings.md')
  t.match(text, `| \`HOST\` | \`${everywhere}\` in production, else \`${here}\` |`)
  const example = readRepositoryFile('.env.example')
  t.match(example, `Default ${here}, so only on this machine; in production (NODE_ENV) ${everywhere},`)
  t.match(example, `#HOST=${here}\n`)
})

test(`the README has at most ${MAX_README_WORDS} words`, async (t) => {
  const words = readme.text.split(/\s+/).filter((word) => word !== '')
  t.ok(words.length <= MAX_README_WORDS, `${words.length} words`)
})

test('each page begins with what a reader can do after it, and is in the index', async (t) => {
  const index = relativeLinks(readPage('docs/README.md'))
  for (const { path, text } of docs) {
    t.match(text, /^# [^\n]+\n\nAfter this page you (can|know) /, path)
    const name = path.replace('docs/', '')
    t.ok(name === 'README.md' || index.includes(name), `${name} is in the index`)
  }
})

test('every relative link leads to an existing file and heading', async (t) => {
  for (const page of allPages) {
    const links = relativeLinks(page)
    for (const link of links) {
      const { path, anchor } = resolveLink(page, link)
      t.ok(isInRepository(path), `${page.path} → ${link}`)
      if (anchor && path.endsWith('.md'))
        t.ok(anchors(readPage(path)).includes(anchor), `${page.path} → ${link}`)
    }
  }
  t.ok(allPages.flatMap(relativeLinks).length > 0)
})

test('every source file that a page names exists', async (t) => {
  const named = allPages.flatMap(({ path, prose }) =>
    codeSpans(prose)
      .filter((span) =>
        /^(src|plugins|routes|test|deploy|scripts|bench|faults|browser|console)\/[\w./*-]+$/.test(span),
      )
      .map((span) => [path, span.replace(/\*.*$/, '')] as const),
  )
  for (const [path, file] of named) t.ok(isInRepository(file), `${path} names ${file}`)
  t.ok(named.length > 0)
})

test('every command and option that a page names exists', async (t) => {
  const tree = await readCliTree()
  const allFlags = [...tree.values()].flat()
  for (const { path, text, prose } of allPages) {
    for (const code of [...codeSpans(prose), ...codeLines(text)]) {
      for (const named of namedCommands(code)) {
        const command = commandNamed(tree, named)
        t.not(command, undefined, `${path}: ${code}`)
        const known = tree.get(command ?? '') ?? []
        for (const flag of named.flags) t.ok(known.includes(flag), `${path}: ${code} has ${flag}`)
      }
    }
    for (const span of codeSpans(prose)) {
      if (span.startsWith('--')) t.ok(allFlags.includes(flagsIn(span)[0] ?? ''), `${path}: ${span}`)
    }
  }
})

test('docs/commands.md has every command with all its options', async (t) => {
  const tree = await readCliTree()
  const rows = tableRows(readPage('docs/commands.md').prose).flatMap((row) => {
    const [first = '', ...others] = codeSpans(row)
    const [named] = namedCommands(first)
    if (!named) return []
    const flags = [...named.flags, ...others.filter((span) => span.startsWith('--')).flatMap(flagsIn)]
    return [{ command: commandNamed(tree, named), flags }]
  })
  const groups = ['', 'sessions', 'keys', 'calls', 'events', 'audio', 'audit', 'store']
  t.same(
    unique(rows.map(({ command }) => command).filter((command) => command !== '')),
    unique([...tree.keys()].filter((command) => !groups.includes(command))),
  )
  for (const { command, flags } of rows) {
    const known = tree.get(command ?? '') ?? []
    // The page describes these two once, for all commands.
    const own = known.filter((flag) => flag !== '--help' && flag !== '--json')
    t.same(unique(flags), unique(own), `callmask ${command}`)
  }
})

test('every command takes --json, except those that docs/commands.md names', async (t) => {
  const [, named = ''] =
    /^- All commands but (.*) take `--json`/m.exec(readPage('docs/commands.md').prose) ?? []
  const without = [...(await readCliTree())].filter(([, flags]) => !flags.includes('--json'))
  t.same(
    unique(without.map(([command]) => command)),
    unique(['', 'sessions', 'keys', 'calls', 'events', 'audio', 'audit', 'store', ...codeSpans(named)]),
  )
})

test('every variable that a page names is a setting, or is read somewhere else in the project', async (t) => {
  // The last one is read by tap, and those that begin with OTEL_ by the SDK of OpenTelemetry.
  const settings = [...variables.map(([name]) => name), 'TAP_ONLY']
  const sources = ['src', 'test', 'faults', 'bench', 'browser'].map(textOfFolder).join('\n')
  const named = allPages.flatMap(({ path, text, prose }) =>
    [...codeSpans(prose), ...codeLines(text)]
      .flatMap((code) => code.match(/\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\b/g) ?? [])
      .map((name) => [path, name] as const),
  )
  for (const [path, name] of named)
    t.ok(
      settings.includes(name) || sources.includes(name) || name.startsWith('OTEL_'),
      `${path} names ${name}`,
    )
  t.ok(named.length > 0)
})

test('every npm script that a page names is in package.json', async (t) => {
  const { scripts } = JSON.parse(readRepositoryFile('package.json'))
  const named = allPages.flatMap(({ path, text }) =>
    [...text.matchAll(/npm run (?:--silent )?([\w:-]+)/g)].map(([, script = '']) => [path, script] as const),
  )
  for (const [path, script] of named) t.ok(script in scripts, `${path} names ${script}`)
  t.ok(named.length > 0)
})

test('docs/api.md has every path of the API and no other', async (t) => {
  const { app } = await build(t, API.environment)
  const document = (await app.inject({ url: '/openapi.json', headers: API.headers })).json()
  const described = Object.entries<object>(document.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  )
  const named = readPage('docs/api.md').text.match(/\b(GET|POST|PUT|PATCH|DELETE) \/v1[\w/{}-]*/g) ?? []
  t.same(
    unique([...named]),
    unique(described.filter((call) => call.includes(' /v1') && !call.startsWith('HEAD '))),
  )
})

test('docs/api.md has every problem with its status', async (t) => {
  const rows = [...readPage('docs/api.md').prose.matchAll(/^\| (\d{3}) \|([^|]*)\|/gm)]
  const named = rows.flatMap(([, status, codes = '']) => codeSpans(codes).map((code) => `${code} ${status}`))
  t.same(unique(named), unique(Object.entries(PROBLEM_STATUS).map(([code, status]) => `${code} ${status}`)))
})

test('every request that any page names is a route of the service', async (t) => {
  const { app } = await build(t, API.environment)
  const named = allPages.flatMap(({ path, text, prose }) =>
    [...codeSpans(prose), ...codeLines(text)]
      .flatMap((code) => [...code.matchAll(/\b(GET|POST|PUT|PATCH|DELETE) (\/[\w/{}-]+)/g)])
      .map(([, method = '', url = '']) => ({ path, method, url: url.replace(/\{(\w+)\}/g, ':$1') })),
  )
  for (const { path, method, url } of named) {
    const isThere = [url, `${url}/`].some((url) => app.hasRoute({ method: method as 'GET', url }))
    t.ok(isThere, `${path} names ${method} ${url}`)
  }
  t.ok(named.length > 0)
})

test('.nvmrc names the Node version of the image', async (t) => {
  const versions = [...readRepositoryFile('Dockerfile').matchAll(/^FROM node:(\d+)-/gm)]
  t.same(unique(versions.map(([, version]) => version)), [readRepositoryFile('.nvmrc').trim()])
})

test('every action of the workflow is pinned by commit', async (t) => {
  const workflow = readRepositoryFile('.github/workflows/ci.yml')
  const actions = [...workflow.matchAll(/uses: (.*)/g)].map(([, action = '']) => action)
  t.ok(actions.length > 0)
  for (const action of actions) t.match(action, /^[\w-]+\/[\w-]+@[\da-f]{40} # v\d+\.\d+\.\d+$/)
})

test('every variable that the files of a deployment set is a setting, or names the file of a secret', async (t) => {
  const ofBalancer = readRepositoryFile('deploy/haproxy.cfg').match(/(?<=\$\{?)[A-Z][A-Z_]+/g) ?? []
  const known = [...variables.map(([name]) => name), ...SECRETS.map((name) => `${name}_FILE`), ...ofBalancer]
  const named = [
    'compose.yaml',
    'compose.file.yaml',
    'deploy/kubernetes/deployment.yaml',
    'deploy/kubernetes/secret.example.yaml',
  ].flatMap((path) => readRepositoryFile(path).match(/(?<=^ +|name: )[A-Z][A-Z0-9_]+(?=:|,)/gm) ?? [])
  for (const name of named) t.ok(known.includes(name), name)
  for (const name of ['ADMIN_PORT', 'STORE_KEY_FILE', 'MASKING_NUMBERS']) t.ok(named.includes(name), name)
})
