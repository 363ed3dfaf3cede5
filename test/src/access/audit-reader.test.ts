import {
  appendFileSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { type Test, test } from 'tap'
import { readAuditLine } from '../../../src/access/audit-entry.js'
import { CHUNK_BYTES, fileReader, PAGE_BYTES } from '../../../src/access/audit-file.js'
import { type AuditQuery, DISORDER_MS } from '../../../src/access/audit-page.js'
import { type AuditPage, type AuditReader, StaleCursorError } from '../../../src/access/audit-reader.js'
import { createAuditRing, RING_LINES } from '../../../src/access/audit-ring.js'
import { createAuditTrail, hashOfLine } from '../../../src/access/audit-trail.js'

const START = Date.UTC(2100, 0, 1)
const MINUTE = 60_000

/** Lines of a trail: a start, and so many requests, one each minute. */
function trail(requests: number, chain = 'one'): string[] {
  const lines: string[] = []
  let now = START
  const audit = createAuditTrail({ write: (line) => lines.push(line) }, () => now, chain)
  for (let i = 0; i < requests; i++) {
    now += MINUTE
    audit.add('request', { key: 'desk', operation: 'getSession', status: 200, request: `req-${i}` })
  }
  return lines
}

const idsOf = ({ entries }: AuditPage) => entries.map(({ event, request }) => request ?? event)

/** All pages, one after the other. */
async function allPages(read: AuditReader, query: AuditQuery): Promise<AuditPage[]> {
  const pages: AuditPage[] = []
  let cursor: string | undefined
  do {
    const page = await read(query, cursor)
    pages.push(page)
    cursor = page.next
  } while (cursor !== undefined)
  return pages
}

function fileOf(t: Test, ...parts: readonly string[]): string {
  const file = join(t.testdir(), 'audit.log')
  writeFileSync(file, parts.join(''))
  return file
}

const newestFirst = (lines: readonly string[]) =>
  lines
    .map((line) => JSON.parse(line))
    .map(({ event, request }) => request ?? event)
    .reverse()

test('a file is read from its end backwards, page by page', async (t) => {
  const lines = trail(7)
  const read = fileReader(fileOf(t, ...lines))
  const pages = await allPages(read, { limit: 3 })
  t.same(pages.map(idsOf), [
    ['req-6', 'req-5', 'req-4'],
    ['req-3', 'req-2', 'req-1'],
    ['req-0', 'start'],
  ])
  t.ok(pages.every(({ covers }) => covers === 'file'))
  t.same(pages[0]?.entries[0], {
    at: START + 7 * MINUTE,
    event: 'request',
    key: 'desk',
    source: undefined,
    operation: 'getSession',
    session: undefined,
    target: undefined,
    status: 200,
    code: undefined,
    request: 'req-6',
    count: undefined,
  })
  t.same((await allPages(read, { limit: 4 })).map(idsOf).length, 2, 'after the first line nothing is left')
})

test('what is appended meanwhile moves no page', async (t) => {
  const file = fileOf(t, ...trail(3))
  const read = fileReader(file)
  const { next } = await read({ limit: 2 }, undefined)
  appendFileSync(file, trail(3, 'other').join(''))
  t.same(idsOf(await read({ limit: 9 }, next)), ['req-0', 'start'])
})

test('a large file is read in pieces, of which a page takes some', async (t) => {
  const lines = trail(6_000)
  const file = fileOf(t, ...lines)
  t.ok(statSync(file).size > PAGE_BYTES + CHUNK_BYTES)
  const read = fileReader(file)
  t.same((await allPages(read, { limit: 500 })).flatMap(idsOf), newestFirst(lines))

  const rare = await allPages(read, { limit: 1, event: 'start' })
  t.equal(rare[0]?.entries.length, 0, 'a page may be empty')
  t.same(rare.flatMap(idsOf), ['start'])
})

test('the filters are held against each entry', async (t) => {
  const lines: string[] = []
  let now = START
  const audit = createAuditTrail({ write: (line) => lines.push(line) }, () => now)
  const facts = [
    { key: 'a', operation: 'getSession', session: 's_1', request: 'req-0' },
    { key: 'b', operation: 'getSession', session: 's_2', request: 'req-1' },
    { key: 'b', operation: 'listCalls', request: 'req-2' },
  ]
  for (const fact of facts) {
    now += MINUTE
    audit.add('request', fact)
  }
  const read = fileReader(fileOf(t, ...lines))
  const ids = async (query: Partial<AuditQuery>) => idsOf(await read({ limit: 50, ...query }, undefined))
  t.same(await ids({ key: 'b' }), ['req-2', 'req-1'])
  t.same(await ids({ key: 'b', operation: 'getSession' }), ['req-1'])
  t.same(await ids({ session: 's_1' }), ['req-0'])
  t.same(await ids({ event: 'start' }), ['start'])
  t.same(await ids({ from: START + MINUTE, to: START + 3 * MINUTE }), ['req-1', 'req-0'])
  t.same(await ids({ from: START + 2 * MINUTE }), ['req-2', 'req-1'])
  t.same(await ids({ to: START + MINUTE }), ['start'])
})

test('what is far older than asked for ends the reading, also where lines are somewhat out of order', async (t) => {
  const lines = trail(60)
  const late = trail(0, 'late')
  const read = fileReader(fileOf(t, ...late, ...lines, ...trail(1, 'other')))
  const from = START + DISORDER_MS + MINUTE
  const page = await read({ limit: 100, from }, undefined)
  t.equal(page.next, undefined)
  t.same(page.entries.length, 0, 'the newest line is too far behind')
  const near = await fileReader(fileOf(t, ...lines, ...trail(1, 'other')))(
    { limit: 100, from: START + 5 * MINUTE },
    undefined,
  )
  t.equal(near.entries.length, 56)
})

test('lines that are none of the trail, were changed or are cut off are passed over', async (t) => {
  const [start = '', first = '', second = '', third = ''] = trail(3)
  const forged = (text: string) => `{"audit":true,${text},"hash":"${hashOfLine(`{"audit":true,${text}`)}"}\n`
  const file = fileOf(
    t,
    'call from +918888800001\n',
    start,
    '{"level":"info","msg":"call"}\n\n',
    first,
    second.replace('200', '403'),
    forged('nonsense'),
    forged('"time":"never","event":"request"'),
    forged('"time":"2100-01-01T00:00:00.000Z","event":"unknown"'),
    third.slice(0, 60),
  )
  const page = await fileReader(file)({ limit: 50 }, undefined)
  t.same(idsOf(page), ['req-0', 'start'])
  t.notMatch(JSON.stringify(page), '8888800001', 'no real number')

  const odd = '"time":"2100-01-01T00:00:00.000Z","event":"request","key":7,"status":"200","count":0.5'
  t.match(readAuditLine(forged(odd).trimEnd()), { key: undefined, status: undefined, count: undefined })
})

test('a line that is longer than a page hides no other one', async (t) => {
  const [start = '', first = ''] = trail(1)
  const overlong = `${'x'.repeat(PAGE_BYTES + 3 * CHUNK_BYTES)}\n`
  const read = fileReader(fileOf(t, start, overlong, first))
  const pages = await allPages(read, { limit: 50 })
  t.same(pages.flatMap(idsOf), ['req-0', 'start'])
  t.ok(pages.length <= 4)
})

test('a page of a file that was rotated cannot be continued', async (t) => {
  const file = fileOf(t, ...trail(5))
  const read = fileReader(file)
  const { next } = await read({ limit: 2 }, undefined)
  const whole = readFileSync(file)

  truncateSync(file)
  t.same(await read({ limit: 2 }, undefined), { covers: 'file', entries: [], next: undefined })
  await t.rejects(read({ limit: 2 }, next), StaleCursorError)
  appendFileSync(file, trail(9, 'new').join(''))
  await t.rejects(read({ limit: 2 }, next), StaleCursorError, 'also where it is as long again')
  await t.rejects(read({ limit: 2 }, '7.another-file'), StaleCursorError)

  writeFileSync(file, whole)
  t.same(idsOf(await read({ limit: 9 }, next)), ['req-2', 'req-1', 'req-0', 'start'])
  truncateSync(file, 600)
  await t.rejects(read({ limit: 2 }, next), StaleCursorError, 'or is shorter')
})

test('a file that becomes shorter while it is read gives what is left', async (t) => {
  const file = fileOf(t, ...trail(1_000))
  const reading = fileReader(file)({ limit: 1_000 }, undefined)
  truncateSync(file, CHUNK_BYTES)
  const { covers, entries } = await reading
  t.equal(covers, 'file')
  t.ok(entries.length <= 1_000)
})

test('what is no file any more is nothing', async (t) => {
  const nothing = { covers: 'nothing', entries: [] }
  const file = fileOf(t, ...trail(1))
  const read = fileReader(file)
  renameSync(file, `${file}.1`)
  t.same(await read({ limit: 2 }, undefined), nothing)
  mkdirSync(file)
  t.same(await read({ limit: 2 }, undefined), nothing)
  rmSync(file, { recursive: true })
})

test('an instance keeps its last lines', async (t) => {
  const ring = createAuditRing()
  t.same(await ring.read({ limit: 2 }, undefined), { covers: 'instance', entries: [], next: undefined })
  const lines = trail(RING_LINES + 300)
  for (const line of lines.slice(0, 5)) ring.add(line)
  t.same((await allPages(ring.read, { limit: 3 })).map(idsOf), [
    ['req-3', 'req-2', 'req-1'],
    ['req-0', 'start'],
  ])
  const { next } = await ring.read({ limit: 3 }, undefined)
  for (const line of lines.slice(5)) ring.add(line)
  const pages = await allPages(ring.read, { limit: 700 })
  t.equal(pages.length, 3, 'none of which is empty')
  t.same(pages.flatMap(idsOf), newestFirst(lines.slice(-RING_LINES)))
  t.same(idsOf(await ring.read({ limit: 3 }, next)), [], 'what follows is forgotten by now')
  await t.rejects(createAuditRing().read({ limit: 3 }, next), StaleCursorError, 'another instance')
})
