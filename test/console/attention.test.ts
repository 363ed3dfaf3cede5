import { test } from 'tap'
import { attention } from '../../console/attention.js'
import type { OverviewData } from '../../console/overview-data.js'
import { en } from '../../console/texts/en.js'

const NOW = Date.UTC(2100, 0, 1)
const DAY_MS = 24 * 60 * 60 * 1_000
const WELL = {
  status: { store: { kind: 'memory', state: 'up' } },
  capacity: { all: { numbers: 3, people: 2, head_room: 2, trend: null } },
  counts: { numbers: [{ number: '+919000000011', today: { dialled: 900, shown: 500 } }] },
  webhooks: [
    { id: 'wh_well', state: 'on', failing_since: null },
    { id: 'wh_off', state: 'off', off_because: 'request', failing_since: null },
  ],
  troubles: { events: [] },
  keys: [{ name: 'desk', status: 'valid' }],
  now: NOW,
}

/** What is told, where something is other than well. */
const told = (other: object) =>
  attention({ ...WELL, ...other } as unknown as OverviewData, en).map(({ words, url }) => `${url} ${words}`)
const pool = (all: object) => told({ capacity: { all: { ...WELL.capacity.all, ...all } } })

test('where all is well, nothing needs attention', async (t) => {
  t.same(told({}), [])
  const nothing = { counts: undefined, capacity: undefined, webhooks: undefined, troubles: undefined }
  t.same(told({ ...nothing, keys: undefined }), [], 'also for those who may see nothing')
  t.same(pool({ people: null, head_room: null }), [], 'what is not counted yet is no trouble')
  t.same(pool({ people: 0, head_room: 1 }), [], 'nobody needs a number')
  t.same(pool({ trend: { gone_in_days: 15 } }), [])
  t.same(pool({ trend: { gone_in_days: null } }), [])
})

test('what needs attention is told with the page that mends it', async (t) => {
  t.match(told({ status: { store: { kind: 'file', state: 'down' } } }), [
    /^\/console\/checkup The store does/,
  ])
  t.match(pool({ numbers: 0 }), [/^\/console\/numbers The pool is empty/])
  t.match(pool({ head_room: 0 }), [/^\/console\/numbers Somebody holds all/])
  t.match(pool({ head_room: 1 }), [/^\/console\/numbers .* room for one more/])
  t.match(pool({ trend: { gone_in_days: 14 } }), [/^\/console\/numbers .* in 14 days/])
  const busy = [{ number: '+919000000011', today: { dialled: 1, shown: 501 } }]
  t.match(told({ counts: { numbers: busy } }), [/^\/console\/numbers \+919000000011 was shown in 501 calls/])
  const ill = [
    { id: 'wh_a', state: 'off', off_because: 'gone', failing_since: null },
    { id: 'wh_b', state: 'on', failing_since: '2099-12-31T00:00:00.000Z' },
  ]
  t.match(told({ webhooks: ill }), [
    /^\/console\/webhooks\/wh_a An endpoint was switched off/,
    /^\/console\/webhooks\/wh_b An endpoint does not take/,
  ])
  const events = ['caller_id', 'caller_id', 'another'].map((trouble) => ({ data: { trouble } }))
  t.match(told({ troubles: { events } }), [/ The carrier: it refuses one/, / The carrier: another\.$/])
})

test('keys are told of two weeks before they expire', async (t) => {
  const key = (days: number, status = 'valid') => ({
    name: 'desk',
    status,
    expires_at: new Date(NOW + days * DAY_MS).toISOString(),
  })
  t.match(told({ keys: [key(14)] }), [/^\/console\/keys The key desk expires in 14 days/])
  t.match(told({ keys: [key(1)] }), [/within a day/])
  t.same(told({ keys: [key(15), key(1, 'revoked'), key(-1, 'expired')] }), [])
})
