import type { AddressInfo } from 'node:net'
import { test } from 'tap'
import { listen } from '../../src/listen.js'
import { API, build } from '../helper.js'

test('the log says where the console is, where there is one', async (t) => {
  const listening = async (environment: Record<string, string>) => {
    const { app, logged } = await build(t, { HOST: '127.0.0.1', PORT: '0', ...environment })
    await listen(app)
    const { port } = (app.adminServer ?? app.server).address() as AddressInfo
    return { said: logged(), line: `"the console is at http://127.0.0.1:${port}/console"` }
  }
  const one = await listening(API.environment)
  t.match(one.said, one.line)
  const two = await listening({ ...API.environment, ADMIN_HOST: '127.0.0.1', ADMIN_PORT: '0' })
  t.match(two.said, two.line)
  for (const without of [{}, { ...API.environment, CONSOLE: 'off' }])
    t.notMatch((await listening(without)).said, 'the console')
})
