import { test } from 'tap'
import { createTickets } from '../../../src/access/tickets.js'

test('a ticket is good for whom it was issued, until it ends', async (t) => {
  const tickets = createTickets()
  const [desk, shop] = [
    { name: 'desk', scopes: ['explain'] },
    { name: 'shop', scopes: ['admin'] },
  ] as const
  const [first, second] = [tickets.issue(desk), tickets.issue(shop)]
  t.match(first, /^Bearer ticket_[\w-]{43}$/)
  t.not(first, second)
  t.equal(tickets.holder(first), desk)
  t.equal(tickets.holder(second), shop)
  tickets.end(first)
  for (const none of [first, undefined, '', 'Bearer ticket_', second.toLowerCase(), second.slice(0, -1)])
    t.equal(tickets.holder(none), undefined)
  t.equal(tickets.holder(second), shop)
})
