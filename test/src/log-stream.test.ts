import { test } from 'tap'
import { logStream } from '../../src/log-stream.js'
import { createLogger } from '../../src/logger.js'
import { captured } from '../fixtures.js'

test('whole lines go to the stream of a logger, or to another logger as messages', async (t) => {
  const { stream, written } = captured()
  logStream(createLogger(stream)).write('{"audit":true}\n')
  t.equal(written(), '{"audit":true}\n')

  const messages: string[] = []
  logStream({ info: (message) => messages.push(message) }).write('{"audit":true}\n')
  t.same(messages, ['{"audit":true}'])
})
