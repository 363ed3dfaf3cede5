import { Webhook } from 'standardwebhooks'
import { test } from 'tap'
import { signedHeaders } from '../../../src/events/signing.js'
import { newWebhookSecret } from '../../../src/events/webhooks.js'

test('the library of Standard Webhooks takes our signatures, by the old and by the new secret', async (t) => {
  const [fresh, old, other] = [newWebhookSecret(), newWebhookSecret(), newWebhookSecret()]
  const body = JSON.stringify({ type: 'session.opened', data: { text: 'अ' } })
  const headers = { ...signedHeaders({ id: 'evt_1', at: Date.now(), body, secrets: [fresh, old] }) }
  for (const secret of [fresh, old]) t.same(new Webhook(secret).verify(body, headers), JSON.parse(body))
  t.throws(() => new Webhook(other).verify(body, headers))
  t.throws(() => new Webhook(fresh).verify(`${body} `, headers))
  t.throws(() => new Webhook(fresh).verify(body, { ...headers, 'webhook-id': 'evt_2' }))
  const late = signedHeaders({ id: 'evt_1', at: Date.now() - 6 * 60_000, body, secrets: [fresh] })
  t.throws(() => new Webhook(fresh).verify(body, { ...late }), 'too old')
  t.match(late['webhook-signature'], /^v1,[A-Za-z0-9+/]{43}=$/)
})
