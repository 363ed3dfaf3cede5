import { test } from 'tap'
import * as callmask from '../../src/index.js'
import { captured, PAIR } from '../fixtures.js'

test('the package exports what a program needs to embed callmask', async (t) => {
  t.same(Object.keys(callmask).sort(), [
    'ConfigError',
    'EnvironmentFileError',
    'buildApp',
    'createLogger',
    'listen',
    'readEnvironment',
  ])
  const { buildApp, createLogger, readEnvironment } = callmask
  const environment = readEnvironment('no-such-file', PAIR)
  const app = buildApp({ environment, logger: createLogger(captured().stream) })
  t.teardown(() => app.close())
  t.equal((await app.inject('/health')).statusCode, 200)
})
