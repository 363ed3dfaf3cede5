import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { test } from 'tap'
import { createLogger, droppedLines, setLogTime } from '../../src/logger.js'
import { captured, lines } from '../fixtures.js'
import { LOADERS } from '../loaders.js'

const LOGGER = new URL('../../src/logger.js', import.meta.url).href
const LINES = 6_000

/** Logs far more at once than may wait. */
const FLOOD = `
  import { createLogger, droppedLines } from '${LOGGER}'
  const log = createLogger()
  for (let i = 0; i < ${LINES}; i++) log.info({ text: 'x'.repeat(300) }, 'line')
  log.flush(() => console.error(droppedLines(log)))
`

test('a log that is too much to be written says in one line what was dropped', async (t) => {
  const { stdout, stderr } = await promisify(execFile)(
    process.execPath,
    [...LOADERS, '--input-type=module', '--eval', FLOOD],
    { maxBuffer: 16 * 1024 * 1024 },
  )
  const told = lines(stdout)
  const dropped = LINES - told.filter(({ msg }) => msg === 'line').length
  t.ok(dropped > 0)
  t.equal(Number(stderr), dropped, 'and counts them')
  t.match(told.at(-1), {
    level: 'error',
    dropped,
    msg: 'log lines were dropped, because they could not be written',
  })
})

test('a log with a stream of its own drops nothing', async (t) => {
  const { stream, written } = captured()
  const logger = createLogger(stream)
  logger.info('a line')
  t.match(lines(written()), [{ level: 'info', msg: 'a line' }])
  t.equal(droppedLines(logger), 0)
})

test('how times are written holds for the log and all that is derived from it', async (t) => {
  const { stream, written } = captured()
  const logger = createLogger(stream)
  const derived = Object.create(logger)
  derived.info('unix')
  setLogTime(derived, 'iso')
  derived.info('iso')
  logger.info('iso')
  t.match(lines(written()), [
    { msg: 'unix', time: Number },
    { msg: 'iso', time: /Z$/ },
    { msg: 'iso', time: /Z$/ },
  ])
  t.doesNotThrow(() => setLogTime({}, 'iso'), 'a log of another kind writes as it does')
})
