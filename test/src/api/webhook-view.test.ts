import { test } from 'tap'
import { deliveryView, webhookView } from '../../../src/api/webhook-view.js'

const AT = Date.UTC(2100, 0, 1)
const TIME = '2100-01-01T00:00:00.000Z'

test('an endpoint is shown without its secrets', async (t) => {
  const webhook = {
    id: 'wh_a',
    url: 'https://a.test/',
    events: ['*'],
    createdAt: AT,
    secrets: [{ secret: 'whsec_new' }, { secret: 'whsec_old', until: AT + 1 }],
    off: { why: 'failing', at: AT },
  } as const
  const view = webhookView(webhook, { now: AT, failingSince: AT })
  t.match(view, {
    state: 'off',
    off_because: 'failing',
    off_since: TIME,
    failing_since: TIME,
    description: '',
  })
  t.equal(view.old_secret_until, '2100-01-01T00:00:00.001Z')
  t.notMatch(JSON.stringify(view), /whsec/)
  t.equal(webhookView(webhook, { now: AT + 1, failingSince: undefined }).old_secret_until, null)
})

test('a delivery is shown with what came of it', async (t) => {
  const base = { id: 'wh_a.evt_1', attempts: 9, listedAt: AT, lastAt: AT }
  t.match(deliveryView({ ...base, state: 'failed', status: 500 }), {
    webhook_id: 'wh_a',
    event_id: 'evt_1',
    state: 'failed',
    status: 500,
    why: null,
    next_attempt_at: null,
  })
  t.match(deliveryView({ ...base, state: 'retrying', why: 'dns', nextAt: AT }), {
    state: 'retrying',
    why: 'dns',
    next_attempt_at: TIME,
  })
})
