import fp from 'fastify-plugin'
import callWork from '../plugins/call-work.js'
import deliveries, { type DeliveriesOptions } from '../plugins/deliveries.js'
import eventWatch from '../plugins/event-watch.js'
import events from '../plugins/events.js'
import people from '../plugins/people.js'
import webhooks from '../plugins/webhooks.js'

/** What the business is told, and what it can ask to be done. */
export default fp<DeliveriesOptions>(
  async (app, { post }) => {
    await app.register(webhooks)
    await app.register(events)
    await app.register(deliveries, { post })
    await app.register(eventWatch)
    await app.register(people)
    await app.register(callWork)
  },
  { name: 'kept-for-business' },
)
