import { test } from 'tap'
import { createAuditTrail } from '../../../src/access/audit-trail.js'
import { verifyAudit } from '../../../src/access/audit-verify.js'

const START = Date.UTC(2100, 0, 1)

/** The lines of a trail with this many requests. */
function trail(requests: number, chain = 'one'): string[] {
  const lines: string[] = []
  const audit = createAuditTrail({ write: (line) => lines.push(line.trimEnd()) }, () => START, chain)
  for (let i = 0; i < requests; i++) audit.add('request', { key: 'desk', status: 200, request: `req-${i}` })
  audit.end()
  return lines
}

async function verify(lines: readonly string[]) {
  async function* each() {
    yield* lines
  }
  return verifyAudit(each())
}

test('an untouched audit trail verifies', async (t) => {
  const lines = trail(3)
  t.same(await verify(lines), { lines: 5, chains: 1, open: 0, breaks: [] })
  t.same(await verify(lines.slice(0, -1)), { lines: 4, chains: 1, open: 1, breaks: [] }, 'it may go on')
  t.match(JSON.parse(String(lines[1])), {
    audit: true,
    chain: 'one',
    n: 1,
    time: '2100-01-01T00:00:00.000Z',
    event: 'request',
    key: 'desk',
    prev: JSON.parse(String(lines[0])).hash,
  })
  t.not(JSON.parse(String(trail(0, undefined)[0])).chain, '', 'a chain has an id of its own')
})

test('an audit file may hold several chains and other lines', async (t) => {
  const [a, b] = [trail(2, 'a'), trail(2, 'b')]
  const mixed = a.flatMap((line, i) => [line, '{"level":"info","msg":"call"}', String(b[i]), 'no JSON'])
  t.same(await verify(mixed), { lines: 8, chains: 2, open: 0, breaks: [] })
})

test('a changed, removed, moved, doubled or added line is found, with its place', async (t) => {
  const lines = trail(4)
  const breaksOf = async (changed: readonly string[]) => (await verify(changed)).breaks
  for (let i = 1; i < lines.length - 1; i++) {
    const removed = lines.filter((_, at) => at !== i)
    t.same(await breaksOf(removed), [{ line: i + 1, wrong: '1 of chain one are missing before it' }])
    const changed = lines.with(i, String(lines[i]).replace('200', '403'))
    t.match(await breaksOf(changed), [{ line: i + 1, wrong: /was changed/ }, {}])
    const doubled = [...lines.slice(0, i + 1), ...lines.slice(i)]
    t.match(await breaksOf(doubled), [{ line: i + 2, wrong: /out of its order/ }])
  }
  const moved = [lines[0], lines[2], lines[1], ...lines.slice(3)].map(String)
  t.match(await breaksOf(moved), [{ line: 2 }, { line: 3 }, { line: 4 }])
  t.same(await breaksOf(lines.slice(2)), [
    { line: 1, wrong: 'chain one begins before it: 2 stand in an earlier file, or are missing' },
  ])
  t.match(await breaksOf(lines.with(2, String(lines[2]).slice(0, 40))), [
    { line: 3, wrong: /is cut off/ },
    {},
  ])
  const other = trail(4).map((line) => line.replace('desk', 'shop'))
  t.match(await breaksOf(lines.with(2, String(other[2]))), [{ line: 3, wrong: /was changed/ }, {}])
})

test('a line with a recomputed hash does not match its successor', async (t) => {
  const lines = trail(2)
  const forged: string[] = []
  const audit = createAuditTrail({ write: (line) => forged.push(line.trimEnd()) }, () => START, 'one')
  audit.add('request', { key: 'shop' })
  t.match((await verify(lines.with(1, String(forged[1])))).breaks, [{ line: 3, wrong: /does not follow/ }])
})

test('a line without the fields of a chain is reported', async (t) => {
  const line = (text: string) => verify([text])
  t.match((await line('{"audit":true,"hash":"x"}')).breaks, [{ line: 1 }])
  t.match((await line('{"audit":true')).breaks, [{ line: 1 }])
})
