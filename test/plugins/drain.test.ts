import { fastify } from 'fastify'
import { test } from 'tap'
import drain from '../../plugins/drain.js'
import { meterPlugin } from '../meters.js'

test('once draining has begun, replies ask clients to close their connections', async (t) => {
  const app = fastify()
  t.teardown(() => app.close())
  await app.register(meterPlugin())
  await app.register(drain)
  app.get('/', async () => 'answered')

  t.notOk(app.drain.begun)
  t.equal((await app.inject('/')).headers.connection, 'keep-alive')

  app.drain.begin()
  t.ok(app.drain.begun)
  const reply = await app.inject('/')
  t.equal(reply.headers.connection, 'close')
  t.equal(reply.body, 'answered', 'requests are still answered')
})
