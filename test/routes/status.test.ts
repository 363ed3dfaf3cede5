import { fastify } from 'fastify'
import { test } from 'tap'
import status from '../../routes/status.js'

test('status', async (t) => {
  const shown = async (sharedStore: unknown, fileStore?: unknown) => {
    const app = fastify()
    t.teardown(() => app.close())
    app.decorate('sharedStore', sharedStore as never)
    app.decorate('fileStore', fileStore as never)
    await app.register(status)
    return (await app.inject('/status')).json()
  }
  t.same(await shown(undefined), { store: { kind: 'memory', state: 'up' } })
  t.same(await shown({ kind: 'sentinel', isUp: true }), {
    store: { kind: 'sentinel', state: 'up' },
  })
  t.same(await shown({ kind: 'cluster', isUp: false }), {
    store: { kind: 'cluster', state: 'down' },
  })
  t.same(await shown(undefined, { isUp: true }), { store: { kind: 'file', state: 'up' } })
  t.same(await shown(undefined, { isUp: false }), { store: { kind: 'file', state: 'down' } })
})
