import { test } from 'tap'
import { createChanges } from '../../../src/console/changes.js'
import type { EventQuery } from '../../../src/events/outbox.js'

const NOW = Date.UTC(2100, 0, 1)

test('what has changed is told once, by its kind, also where it shows late', async (t) => {
  let events: { id: string; type: string; at: number }[] = []
  const asked: EventQuery[] = []
  const outbox = {
    async list(query: EventQuery) {
      asked.push(query)
      return { events } as never
    },
  }
  const changes = createChanges({ outbox, now: () => NOW })
  changes.begin()
  t.same(await changes.next(), [])
  events = [
    { id: 'e3', type: 'call.ended', at: NOW + 2 },
    { id: 'e1', type: 'session.opened', at: NOW },
    { id: 'e0', type: 'session.closed', at: NOW },
  ]
  t.same(await changes.next(), ['call', 'session'])
  t.same(await changes.next(), [])
  events = [...events, { id: 'e2', type: 'number.added', at: NOW + 1 }]
  t.same(await changes.next(), ['number'], 'one that shows after a later one')
  t.match(asked[0], { order: 'newest first', from: NOW - 3_000 })
  changes.begin()
  t.same(
    await changes.next(),
    ['call', 'session', 'number'],
    'who begins anew may have missed the last moments',
  )
})
