import { test } from 'tap'
import { readRecord, recordValue, type SessionRecord } from '../../../src/masking/record.js'
import { MAX_PENDING_NEWS, newsOf, withNews, withoutNews } from '../../../src/masking/session-news.js'

const RECORD: SessionRecord = {
  kind: 'session',
  session: {
    id: 's_1',
    participants: [
      { number: '918888800001', maskingNumber: '919000000011' },
      { number: '918888800002', maskingNumber: '919000000012' },
    ],
    createdAt: 1,
    expiresAt: 100,
  },
  version: 1,
  isOver: false,
  left: [],
  fingerprint: '',
  idempotencyKeys: [],
}

/** What is read of what is written. */
function again(record: SessionRecord): unknown {
  const value = JSON.parse(JSON.stringify(recordValue(record)))
  const { telling } = readRecord('s_1', { value }) as SessionRecord
  return telling
}

test('what is told of a session is written with it, and its numbers go on', async (t) => {
  t.same(newsOf(RECORD), [])
  t.equal(withoutNews(RECORD), RECORD)
  const opened = withNews(RECORD, { kind: 'opened', at: 5 })
  t.same(again(opened), {
    count: 1,
    pending: [{ kind: 'opened', n: 1, at: 5, expiresAt: 100 }],
    isEndTold: false,
  })
  const near = withNews(withoutNews(opened), { kind: 'expiring', at: 90 })
  t.same(again(near), {
    count: 2,
    pending: [{ kind: 'expiring', n: 2, at: 90, expiresAt: 100 }],
    isEndTold: false,
    nearTold: 100,
  })
  for (const kind of ['closed', 'expired'] as const)
    t.match(again(withNews(near, { kind, at: 95 })), { count: 3, isEndTold: true, nearTold: 100 })
  t.same(again(withoutNews(near)), { count: 2, pending: [], isEndTold: false, nearTold: 100 })
  t.equal(again(RECORD), undefined)
})

test('more changes than can wait are told as one', async (t) => {
  let record = withNews(RECORD, { kind: 'opened', at: 1 })
  for (let at = 2; at <= MAX_PENDING_NEWS + 9; at += 1)
    record = withNews(record, { kind: 'changed', at, changed: [at % 2 === 0 ? 'call' : 'expires_at'] })
  t.equal(record.telling?.pending.length, MAX_PENDING_NEWS)
  t.same(record.telling?.pending.at(-1), {
    kind: 'changed',
    n: MAX_PENDING_NEWS + 9,
    at: MAX_PENDING_NEWS + 9,
    expiresAt: 100,
    changed: ['call', 'expires_at'],
  })
  t.same(again(record), record.telling)
  const closed = withNews(record, { kind: 'closed', at: 99 })
  t.equal(closed.telling?.pending.length, MAX_PENDING_NEWS + 1, 'the end is never left out')
})
