import { execFile } from 'node:child_process'
import { hostname } from 'node:os'
import { promisify } from 'node:util'
import { test } from 'tap'
import { createLogger, droppedLines, setLogTime } from '../../src/logger.js'
import { VERSION } from '../../src/package-file.js'
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

test('what is logged has the names of OpenTelemetry, and of an error nothing that it says', async (t) => {
  const { stream, written } = captured()
  const logger = createLogger(stream)
  logger.error(
    { err: Object.assign(new RangeError('919812300001'), { code: 'EFBIG' }), count: 2 },
    'with a code',
  )
  logger.error({ err: new TypeError('919812300001') }, 'without')
  logger.warn({ status: 429, count: 1 }, 'a reply')
  logger.child({}).error({ err: new TypeError('919812300001') }, 'of a request')
  t.match(lines(written()), [
    {
      'service.name': 'callmask',
      'service.version': VERSION,
      'host.name': hostname(),
      'process.pid': process.pid,
      'exception.type': 'RangeError',
      'error.type': 'EFBIG',
      'exception.stacktrace': /^ {4}at .*logger\.test/,
      count: 2,
    },
    { 'exception.type': 'TypeError', 'error.type': 'TypeError' },
    { 'http.response.status_code': 429, count: 1 },
    { 'exception.type': 'TypeError' },
  ])
  t.notMatch(written(), /"(err|status|pid|hostname)"|9198/)
})
